import { Api } from "../fixtures/api.js";
import { keyName, randomIndexes } from "../fixtures/keys.js";
import { SWEEP_READ_MS, SWEEP_ROUNDS, WARMUP_MS } from "../limits.js";
import { LoadGenerator } from "../processes/load.js";
import { Program } from "../processes/program.js";
import type { SweepQuestion } from "../programs/sweep-server.js";
import { compare } from "../rounds.js";
import { atLeast, ratioAtMost } from "../row.js";
import type { Scenario } from "../scenario.js";
import { summarize } from "../summary.js";

/** Entries that stay and are read meanwhile, and entries that expire at once in each round. */
const STAY = 100_000;
const EXPIRE = 200_000;
const CONNECTIONS = 32;

interface Swept {
  readonly entries: number;
  readonly ms: number;
}

export const sweep: Scenario = {
  name: "sweep",
  title: "How quickly does expired data go away, and do readers notice?",
  async run(bench) {
    const { workspace } = bench;
    const server = await Program.start<{ url: string; namespace: string }>(workspace, "sweep-server", {
      args: [await workspace.directory("sweep"), String(STAY)],
    });
    const ask = <Answer>(question: SweepQuestion) => server.ask<Answer>(question);
    const rates: number[] = [];
    for (let round = 0; round <= SWEEP_ROUNDS; round++) {
      await ask({ fill: EXPIRE });
      const { entries, ms } = await ask<Swept>({ sweep: true });
      if (entries !== EXPIRE) throw new Error(`${entries} entries were swept of ${EXPIRE}.`);
      if (round > 0) rates.push((entries / ms) * 1000);
    }
    bench.report({
      what: `expired entries removed, durably, ${EXPIRE.toLocaleString("en-US")} at once`,
      unit: "entries/s",
      figure: summarize(rates),
      target: atLeast(200_000),
    });

    const { url, namespace } = server.ready;
    const api = Api.of(url, namespace);
    const paths = Array.from(randomIndexes(STAY, 1000), (index) => api.pathOf(keyName(index)));
    const load = await LoadGenerator.start(workspace);
    const reader = load.contestant({ url, pid: server.pid, paths }, CONNECTIONS);
    await reader.measure(WARMUP_MS);
    reader.p99Ms.length = 0;
    const meanwhile: number[] = [];
    const idle: number[] = [];
    for (let round = 0; round < SWEEP_ROUNDS; round++) {
      await ask({ fill: EXPIRE });
      await reader.measure(SWEEP_READ_MS);
      idle.push(reader.p99Ms.pop() ?? Number.NaN);
      const sweeping = ask<Swept>({ sweep: true });
      await reader.measure(SWEEP_READ_MS);
      meanwhile.push(reader.p99Ms.pop() ?? Number.NaN);
      const { ms } = await sweeping;
      if (ms < SWEEP_READ_MS) throw new Error(`The sweep was over after ${ms} ms, before the reads were.`);
    }
    bench.report(
      compare(
        {
          what: `99th percentile of GETs over HTTP while that goes on, ${CONNECTIONS} connections`,
          unit: "ms",
          target: ratioAtMost(2),
        },
        meanwhile,
        { name: "itself with nothing to sweep", version: "", samples: idle },
      ),
    );
  },
};
