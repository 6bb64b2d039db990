import { race } from "../core/rounds.js";
import type { Scenario } from "../core/scenario.js";
import { targets } from "../core/targets.js";
import { startWorkerServers } from "../fixtures/worker-servers.js";

const ON_ALL_CORES = [
  ["Worker: env.KV.get, always fresh", "/get"],
  ["Worker: env.KV.get with cacheTtl", "/cached"],
  ["Worker: ten env.KV.get at once", "/ten"],
  ["Worker: env.KV.list of 100 keys", "/list"],
] as const;

export const workerGet: Scenario = {
  name: "worker-get",
  title: "What does reading env.KV cost inside a Worker?",
  async run(bench) {
    const { ours, startOnAllCores, idle, miniflare } = await startWorkerServers(bench);
    const rounds = bench.effort.contextRounds;
    const requests = (what: string) => ({ what, unit: "requests/s" }) as const;
    await race(bench, requests("Worker: env.KV.get, always fresh"), ours("/get"), [
      idle(),
      { ...miniflare("/get"), target: targets.workerGetOverMiniflare },
    ]);
    await race(bench, requests("Worker: env.KV.get with cacheTtl"), ours("/cached"), [
      { ...idle(), target: targets.cachedGetOverIdle },
      miniflare("/cached"),
    ]);
    await race(bench, requests("Worker: ten env.KV.get at once"), ours("/ten"), [idle(), miniflare("/ten")], {
      rounds,
    });
    await race(
      bench,
      requests("Worker: env.KV.list of 100 keys"),
      ours("/list"),
      [idle(), miniflare("/list")],
      { rounds },
    );
    // No target refers to these.
    if (bench.targetsOnly) return;
    const allCores = await startOnAllCores();
    const notes = [allCores.note, "Miniflare has one workerd, whatever the machine"];
    for (const [what, path] of ON_ALL_CORES) {
      await race(
        bench,
        { ...requests(`${what}, on all cores`), notes },
        allCores.ours(path),
        [miniflare(path)],
        { rounds },
      );
    }
  },
};
