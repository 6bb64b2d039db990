import { execFile } from "node:child_process";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DATA_FILE } from "@kvasir/store";
import { BACKUP_ROUNDS, BACKUP_VALUE_BYTES, BACKUP_WRITE_MS } from "../core/limits.js";
import { Program } from "../core/program.js";
import { compare } from "../core/rounds.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { targets } from "../core/targets.js";
import type { BackupQuestion, BackupTimes } from "../fixtures/programs/backup-store.js";

const run = promisify(execFile);

export const backup: Scenario = {
  name: "backup",
  title: "What does a hot backup cost, and do writers notice?",
  async run(bench) {
    const { workspace, effort } = bench;
    const data = await workspace.directory("backup");
    const start = () => Program.start(workspace, "fixtures/programs/backup-store", { args: [data] });
    const [writer, copier] = [await start(), await start()];
    await ask(writer, { fill: effort.backedUp, valueBytes: BACKUP_VALUE_BYTES });
    const to = join(await workspace.directory("backups"), "one");
    await measureRate(bench, copier, { file: join(data, DATA_FILE), to });
    await measureWriters(bench, { writer, copier, to });
  },
};

async function measureRate(
  { report }: Bench,
  copier: Program,
  { file, to }: { readonly file: string; readonly to: string },
): Promise<void> {
  const megabytes = (await stat(file)).size / 1e6;
  const rates = { copy: [] as number[], whole: [] as number[], cp: [] as number[] };
  for (let round = 0; round <= BACKUP_ROUNDS; round++) {
    const startedMs = performance.now();
    await run("cp", [file, to]);
    const cpMs = performance.now() - startedMs;
    await rm(to);
    const { copyMs, wholeMs } = await ask<BackupTimes>(copier, { backup: to });
    // The first round only fills the page cache.
    if (round === 0) continue;
    rates.cp.push((megabytes / cpMs) * 1000);
    rates.copy.push((megabytes / copyMs) * 1000);
    rates.whole.push((megabytes / wholeMs) * 1000);
  }
  const unit = "MB/s";
  const size = `${Math.round(megabytes).toLocaleString("en-US")} MB`;
  const cp = { name: "cp of the same file, not flushed", version: "", samples: rates.cp };
  report({
    ...compare({ what: `hot backup of ${size}, flushed`, unit }, rates.copy, cp),
    target: targets.backupRate,
  });
  report(compare({ what: `the same with the check of the copy`, unit }, rates.whole, cp));
}

async function measureWriters(
  { report }: Bench,
  { writer, copier, to }: { readonly writer: Program; readonly copier: Program; readonly to: string },
): Promise<void> {
  const alone: number[] = [];
  const meanwhile: number[] = [];
  for (let round = 0; round < BACKUP_ROUNDS; round++) {
    alone.push(await ask<number>(writer, { writeMs: BACKUP_WRITE_MS }));
    const writing = ask<number>(writer, { writeMs: BACKUP_WRITE_MS });
    await ask<BackupTimes>(copier, { backup: to });
    meanwhile.push(await writing);
  }
  report({
    ...compare({ what: "p99 of durable puts while a backup is made", unit: "ms" }, meanwhile, {
      name: "itself without a backup",
      version: "",
      samples: alone,
    }),
    target: targets.backupWriters,
  });
}

function ask<Answer>(program: Program, question: BackupQuestion): Promise<Answer> {
  return program.ask<Answer>(question);
}
