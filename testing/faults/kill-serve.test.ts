/**
 * Faults tolerated here: all processes of `kvasir serve` die at once at any moment, by SIGKILL, with eight clients
 * writing over HTTP; and one of its processes dies alone. What must hold afterwards is what `kill-embedded.test.ts`
 * lists; and a server whose one process died goes on, while what was acknowledged before stays.
 */
import type { KVNamespace } from "@kvasir/client";
import { open } from "@kvasir/store";
import { describe, expect, onTestFinished, test } from "vitest";
import { LANES, SERVE_ROUNDS } from "./limits.js";
import { temporaryDirectory } from "./machinery/directory.js";
import { killMomentOf } from "./machinery/kill.js";
import { type KvasirProcess, serve } from "./machinery/kvasir-process.js";
import { judge } from "./workload/judge.js";
import { type Acknowledgement, runLane } from "./workload/lane.js";
import { runSeed } from "./workload/random.js";

/** Writes with all lanes until `kill` made every one of them fail; what failed before that is an error. */
async function writeUntilKilled(kv: KVNamespace, seed: string, kill: () => Promise<void>) {
  const acknowledged: Acknowledgement[] = [];
  const moment = killMomentOf(seed);
  let killed: Promise<void> | undefined;
  const acknowledge = (each: Acknowledgement) => {
    // An answer that was on its way when the kill came is an acknowledgement like any other.
    acknowledged.push(each);
    if (acknowledged.length === moment.acknowledged) killed = kill();
  };
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    runLane(kv, { seed, lane, manner: "honest", acknowledge }).catch((error: unknown) => {
      if (killed === undefined) throw error;
    }),
  );
  await Promise.all(lanes);
  await killed;
  return acknowledged;
}

function started(server: KvasirProcess): KvasirProcess {
  onTestFinished(() => server.kill());
  return server;
}

describe.each([1, 2])("kvasir serve with %d process(es), killed while clients write", (workers) => {
  test("loses no acknowledged write, tears none, and starts again at once", async () => {
    const directory = temporaryDirectory();
    const runs = runSeed();
    for (let number = 0; number < SERVE_ROUNDS; number++) {
      const round = { seed: `${runs}:${workers}:${number}`, lanes: LANES };
      const server = started(serve(directory, ["--workers", String(workers)]));
      const api = await server.ready();
      const namespace = await api.createNamespace(`round-${number}`);
      const acknowledged = await writeUntilKilled(api.namespace(namespace), round.seed, () => server.kill());

      const again = started(serve(directory, ["--workers", String(workers)]));
      const broken = await judge((await again.ready()).namespace(namespace), { ...round, acknowledged });
      expect(broken, `KVASIR_FAULT_SEED=${runs}, round ${number}, over HTTP`).toEqual([]);
      expect((await again.stop()).code).toBe(0);

      const database = open(directory);
      const brokenInside = await judge(database.namespaceById(namespace), { ...round, acknowledged });
      await database.close();
      expect(brokenInside, `KVASIR_FAULT_SEED=${runs}, round ${number}, embedded`).toEqual([]);
    }
  }, 30_000 + SERVE_ROUNDS * 15_000);
});
