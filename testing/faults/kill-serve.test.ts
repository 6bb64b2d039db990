/**
 * Faults tolerated here: all processes of `kvasir serve` are killed by SIGKILL at once at any moment, with
 * eight clients that write over HTTP; and one of its processes dies alone. In the first case the guarantees
 * of `kill-embedded.test.ts` hold. In the second the server goes on, and acknowledged writes stay.
 */
import { readFileSync } from "node:fs";
import type { KVNamespace, KvError } from "@kvasir/client";
import { open } from "@kvasir/store";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { killMomentOf } from "../harness/kill-moment.js";
import { type KvasirProcess, serve } from "../harness/kvasir-process.js";
import { PROCESS_MS_MAX } from "../harness/limits.js";
import { runSeed } from "../harness/random.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { LANES, SERVE_ROUNDS } from "./limits.js";
import { checkDirectory } from "./machinery/check.js";
import { judge } from "./workload/judge.js";
import { type Acknowledgement, runLane } from "./workload/lane.js";

/** How long a client waits for a response while processes die, in milliseconds. */
const CLIENT_MS_MAX = 3000;

/** Writes with all lanes until `kill` makes them fail. A failure before that is an error. */
async function writeUntilKilled(kv: KVNamespace, seed: string, kill: () => Promise<void>) {
  const acknowledged: Acknowledgement[] = [];
  const moment = killMomentOf(seed);
  let killed: Promise<void> | undefined;
  const acknowledge = (each: Acknowledgement) => {
    // A response that was on its way at the kill is an acknowledgement like any other.
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
  test(
    "loses no acknowledged write, tears none, and starts again at once",
    async () => {
      const directory = temporaryDirectory();
      const runs = runSeed();
      for (let number = 0; number < SERVE_ROUNDS; number++) {
        const round = { seed: `${runs}:${workers}:${number}`, lanes: LANES };
        const server = started(serve(directory, ["--workers", String(workers)]));
        const api = await server.ready();
        const namespace = await api.createNamespace(`round-${number}`);
        const acknowledged = await writeUntilKilled(api.namespace(namespace), round.seed, () =>
          server.kill(),
        );

        const again = started(serve(directory, ["--workers", String(workers)]));
        const broken = await judge((await again.ready()).namespace(namespace), { ...round, acknowledged });
        expect(broken, `KVASIR_FAULT_SEED=${runs}, round ${number}, over HTTP`).toEqual([]);
        expect(await again.stop()).toBe(0);

        const database = open(directory);
        const brokenInside = await judge(database.namespaceById(namespace), { ...round, acknowledged });
        await database.close();
        expect(brokenInside, `KVASIR_FAULT_SEED=${runs}, round ${number}, embedded`).toEqual([]);
      }
      expect(await checkDirectory(directory), `KVASIR_FAULT_SEED=${runs}`).toEqual([]);
    },
    30_000 + SERVE_ROUNDS * 15_000,
  );
});

describe("kvasir serve with 2 processes, of which one dies", () => {
  test("goes on, replaces it, and loses nothing that was acknowledged", async () => {
    const directory = temporaryDirectory();
    const server = started(serve(directory, ["--workers", "2"]));
    const api = await server.ready();
    // A connection that was being handed to the process when it died never gets a response, because Node's
    // cluster forgets it. Its client waits until its own timeout.
    const kv = api.namespace(await api.createNamespace("survivor"), { timeoutMs: CLIENT_MS_MAX });
    const first = childrenOf(server.pid);
    expect(first).toHaveLength(2);

    let acknowledged = 0;
    let attempted = 0;
    let stopped = false;
    const lanes = Array.from({ length: LANES }, async () => {
      while (!stopped) {
        attempted++;
        // The connections of the dead process end. Only requests on them may fail.
        await kv.increment("counter").then(
          () => acknowledged++,
          (error: KvError) => expect(error.code).toBe("unavailable"),
        );
      }
    });
    await vi.waitFor(() => expect(acknowledged).toBeGreaterThan(50), PROCESS_MS_MAX);
    process.kill(first[0] ?? 0, "SIGKILL");
    // A new process takes its place, and the others responded all the time.
    await vi.waitFor(() => {
      const now = childrenOf(server.pid);
      expect(now).toHaveLength(2);
      expect(now).not.toContain(first[0]);
    }, PROCESS_MS_MAX);
    const before = acknowledged;
    await vi.waitFor(() => expect(acknowledged).toBeGreaterThan(before + 50), PROCESS_MS_MAX);
    stopped = true;
    await Promise.all(lanes);

    const counter = Number(await kv.get("counter"));
    expect(counter).toBeGreaterThanOrEqual(acknowledged);
    expect(counter).toBeLessThanOrEqual(attempted);
    expect(await server.stop(), server.said).toBe(0);
  });

  test("leaves no process behind when its first process is killed", async () => {
    const directory = temporaryDirectory();
    const server = started(serve(directory, ["--workers", "2"]));
    await server.ready();
    const workers = childrenOf(server.pid);
    process.kill(server.pid, "SIGKILL");
    await vi.waitFor(() => expect(workers.filter(isAlive)).toEqual([]), PROCESS_MS_MAX);
    await server.ended;
  });
});

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number).filter(isAlive);
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
