import { Api } from "../fixtures/api.js";
import { keyName, randomIndexes } from "../fixtures/keys.js";
import { SWEEP_READ_MS, SWEEP_ROUNDS } from "../limits.js";
import { Arrivals, percentileMs } from "../load/arrivals.js";
import { Program } from "../processes/program.js";
import type { SweepQuestion } from "../programs/sweep-server.js";
import { compare } from "../rounds.js";
import type { Scenario } from "../scenario.js";
import { summarize } from "../summary.js";
import { targets } from "../targets.js";

/** Entries that stay and are read meanwhile, and entries that expire at once in each round. */
const STAY = 100_000;
const EXPIRE = 200_000;
const CONNECTIONS = 32;
const READS_PER_SECOND = 10_000;

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
      target: targets.sweepRate,
    });

    const { url, namespace } = server.ready;
    const api = Api.of(url, namespace);
    const paths = Array.from(randomIndexes(STAY, 1000), (index) => api.pathOf(keyName(index)));
    const arrivals = await Arrivals.start(workspace);
    const p99Ms = async (ms: number) => {
      const reads = {
        url,
        paths,
        headers: api.headers,
        connections: CONNECTIONS,
        rate: READS_PER_SECOND,
        ms,
      };
      return percentileMs(await arrivals.ask(reads), 99);
    };
    await p99Ms(bench.effort.warmupMs);
    const meanwhile: number[] = [];
    const idle: number[] = [];
    for (let round = 0; round < SWEEP_ROUNDS; round++) {
      await ask({ fill: EXPIRE });
      idle.push(await p99Ms(SWEEP_READ_MS));
      const sweeping = ask<Swept>({ sweep: true });
      meanwhile.push(await p99Ms(SWEEP_READ_MS));
      const { ms } = await sweeping;
      if (ms < SWEEP_READ_MS) throw new Error(`The sweep was over after ${ms} ms, before the reads were.`);
    }
    bench.report({
      ...compare(
        { what: `p99 of GETs over HTTP while that goes on, ${READS_PER_SECOND} a second`, unit: "ms" },
        meanwhile,
        { name: "itself with nothing to sweep", version: "", samples: idle },
      ),
      target: targets.sweepReads,
    });
  },
};
