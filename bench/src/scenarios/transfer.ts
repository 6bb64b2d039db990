import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Row } from "../core/row.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { summarize } from "../core/summary.js";
import { targets } from "../core/targets.js";
import { canMeasureUsage, memoryIsUnknown, watchMemory } from "../core/usage.js";
import { BIN } from "../fixtures/kvasir.js";
import { keyName } from "../load/keys.js";

const VALUE = "v".repeat(100);
/** Lines that are written together while the file is made. */
const LINES_TOGETHER = 1000;

interface Ran {
  readonly perSecond: number;
  readonly memoryMb: number;
}

export const transfer: Scenario = {
  name: "transfer",
  title: "How quickly do a namespace's entries go to a file and back?",
  async run(bench) {
    const { workspace, effort, report } = bench;
    const count = effort.transferred;
    const directory = await workspace.directory("transfer");
    const file = join(directory, "entries.jsonl");
    await pipeline(linesOf(count), createWriteStream(file));
    const data = join(directory, "data");
    const imports: Ran[] = [];
    const exports: Ran[] = [];
    for (let round = 0; round < effort.contextRounds; round++) {
      rmSync(data, { recursive: true, force: true });
      imports.push(await timed(["import", file, "--create", "bench", "--data", data], count));
      exports.push(await timed(["export", join(directory, "out.jsonl"), "--all", "--data", data], count));
    }
    const what = `${count.toLocaleString("en-US")} entries of 100 bytes, one file, local`;
    reportRuns(bench, `import of ${what}`, imports, [targets.importRate, targets.importMemory]);
    reportRuns(bench, `export of ${what}`, exports, [targets.exportRate, targets.exportMemory]);
    if (!canMeasureUsage) report({ what: `memory for ${what}`, ...memoryIsUnknown });
  },
};

function reportRuns(
  { report }: Bench,
  what: string,
  runs: readonly Ran[],
  [rate, memory]: readonly [Row["target"] & object, Row["target"] & object],
): void {
  report({
    what,
    unit: "entries/s",
    figure: summarize(runs.map(({ perSecond }) => perSecond)),
    target: rate,
    notes: ["the whole command, from its start to its end"],
  });
  if (!canMeasureUsage) return;
  report({
    what: `most memory of that ${what.split(" ")[0]}`,
    unit: "MB",
    figure: summarize(runs.map(({ memoryMb }) => memoryMb)),
    target: memory,
  });
}

/** Runs a command of the program to its end. */
async function timed(args: readonly string[], count: number): Promise<Ran> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [BIN, ...args, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const watched = canMeasureUsage ? watchMemory(child.pid ?? 0) : undefined;
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  const ms = performance.now() - startedMs;
  const memoryMb = (watched?.stop() ?? 0) / 1e6;
  const { entries } = JSON.parse(said) as { readonly entries: number };
  if (code !== 0 || entries !== count) throw new Error(`kvasir ${args[0]} ended with ${code}: ${said}`);
  return { perSecond: (count / ms) * 1000, memoryMb };
}

function* linesOf(count: number): Generator<string> {
  for (let from = 0; from < count; from += LINES_TOGETHER) {
    let lines = "";
    for (let index = from; index < Math.min(from + LINES_TOGETHER, count); index++) {
      lines += `{"key":${JSON.stringify(keyName(index))},"value":"${VALUE}"}\n`;
    }
    yield lines;
  }
}
