import { setTimeout as wait } from "node:timers/promises";
import { ARRIVALS_SETTLE_MS, SWEEP_READ_MS_PER_ENTRY, SWEEP_ROUNDS } from "../core/limits.js";
import { Program } from "../core/program.js";
import { compare } from "../core/rounds.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { summarize } from "../core/summary.js";
import { targets } from "../core/targets.js";
import { Api } from "../fixtures/api.js";
import type { SweepQuestion } from "../fixtures/programs/sweep-server.js";
import { Arrivals, percentileMs } from "../load/arrivals.js";
import { keyName, randomIndexes } from "../load/keys.js";

/** Entries that stay and are read meanwhile. */
const STAY = 100_000;
const CONNECTIONS = 32;
const READS_PER_SECOND = 10_000;

interface Swept {
  readonly entries: number;
  readonly ms: number;
}

type SweepServer = Program<{ readonly url: string; readonly namespace: string }>;

export const sweep: Scenario = {
  name: "sweep",
  title: "How quickly does expired data go away, and do readers notice?",
  async run(bench) {
    const { workspace } = bench;
    const server: SweepServer = await Program.start(workspace, "fixtures/programs/sweep-server", {
      args: [await workspace.directory("sweep"), String(STAY)],
    });
    await measureRate(bench, server);
    await measureReads(bench, server);
  },
};

async function measureRate({ effort, report }: Bench, server: SweepServer): Promise<void> {
  const { expiring } = effort;
  const rates: number[] = [];
  for (let round = 0; round <= SWEEP_ROUNDS; round++) {
    await ask(server, { fill: expiring });
    const { entries, ms } = await ask<Swept>(server, { sweep: true });
    if (entries !== expiring) throw new Error(`${entries} entries were swept of ${expiring}.`);
    if (round > 0) rates.push((entries / ms) * 1000);
  }
  report({
    what: `expired entries removed, durably, ${expiring.toLocaleString("en-US")} at once`,
    unit: "entries/s",
    figure: summarize(rates),
    target: targets.sweepRate,
  });
}

async function measureReads({ workspace, effort, report }: Bench, server: SweepServer): Promise<void> {
  const { url, namespace } = server.ready;
  const api = Api.of(url, namespace);
  const paths = Array.from(randomIndexes(STAY, 1000), (index) => api.pathOf(keyName(index)));
  const arrivals = await Arrivals.start(workspace);
  const p99Ms = async (ms: number) => {
    const reads = { url, paths, headers: api.headers, connections: CONNECTIONS, rate: READS_PER_SECOND, ms };
    return percentileMs(await arrivals.ask(reads), 99);
  };
  await p99Ms(effort.warmupMs);
  const readMs = effort.expiring * SWEEP_READ_MS_PER_ENTRY;
  const meanwhile: number[] = [];
  const idle: number[] = [];
  const sweptMs: number[] = [];
  for (let round = 0; round < SWEEP_ROUNDS; round++) {
    await ask(server, { fill: effort.expiring });
    idle.push(await p99Ms(readMs));
    const reading = p99Ms(readMs);
    // The sweep begins when the measurement of reads begins.
    await wait(ARRIVALS_SETTLE_MS);
    sweptMs.push((await ask<Swept>(server, { sweep: true })).ms);
    meanwhile.push(await reading);
  }
  report({
    ...compare({ what: "p99 of GETs over HTTP while that goes on", unit: "ms" }, meanwhile, {
      name: "itself with nothing to sweep",
      version: "",
      samples: idle,
    }),
    load: `${READS_PER_SECOND.toLocaleString("en-US")} arrivals/s`,
    target: targets.sweepReads,
    notes: [`read for ${readMs} ms of a sweep of ${Math.round(summarize(sweptMs).median)} ms`],
  });
}

function ask<Answer>(server: SweepServer, question: SweepQuestion): Promise<Answer> {
  return server.ask<Answer>(question);
}
