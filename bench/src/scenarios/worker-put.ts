import { race } from "../core/rounds.js";
import type { Scenario } from "../core/scenario.js";
import { startWorkerServers } from "../fixtures/worker-servers.js";

export const workerPut: Scenario = {
  name: "worker-put",
  title: "What does writing to env.KV cost inside a Worker?",
  async run(bench) {
    const { ours, idle, miniflare } = await startWorkerServers(bench);
    await race(
      bench,
      { what: "Worker: env.KV.put of 100 bytes, on disk before it resolves", unit: "requests/s" },
      ours("/put"),
      [idle(), miniflare("/put")],
      { rounds: bench.effort.contextRounds },
    );
  },
};
