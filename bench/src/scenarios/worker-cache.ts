import { compare, inTurns, race } from "../core/rounds.js";
import type { Scenario } from "../core/scenario.js";
import { targets } from "../core/targets.js";
import { startWorkerServers } from "../fixtures/worker-servers.js";

/** Uploads at a time. More would take longer each than a round. */
const UPLOADS = 4;

export const workerCache: Scenario = {
  name: "worker-cache",
  title: "What does the Cache API cost inside a Worker?",
  async run(bench) {
    const { ours, read, miniflare } = await startWorkerServers(bench);
    const rounds = bench.effort.contextRounds;
    await race(
      bench,
      { what: "Worker: a hit of caches.default, of 100 bytes", unit: "requests/s" },
      ours("/match"),
      [{ ...read(), target: targets.cacheHitOverGet }, miniflare("/match")],
    );
    const puts = { what: "Worker: caches.default.put of 1,000,000 bytes", unit: "requests/s" } as const;
    const [samples = []] = await inTurns([ours("/store", UPLOADS)], { ...bench.effort, rounds });
    bench.report({ ...compare(puts, samples, undefined), target: targets.cachePut });
  },
};
