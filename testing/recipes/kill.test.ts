/**
 * Fault tolerated here: all processes of `kvasir serve` are killed by SIGKILL, at a moment that a seed
 * chooses, while clients commit several keys at a time and append to an event log. Afterwards each commit is
 * there completely or not at all, and acknowledged commits are there. The log has every acknowledged event at
 * its number, and no gap.
 */
import type { KVNamespace } from "@kvasir/client";
import { eventLog } from "@kvasir/client/recipes";
import { describe, expect, onTestFinished, test } from "vitest";
import { killMomentOf } from "../harness/kill-moment.js";
import { type KvasirProcess, serve } from "../harness/kvasir-process.js";
import { runSeed } from "../harness/random.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { CLIENTS_PER_PROCESS, HAMMERING_MS_MAX, KEYS_PER_COMMIT, KILL_ROUNDS } from "./limits.js";

function started(server: KvasirProcess): KvasirProcess {
  onTestFinished(() => server.kill());
  return server;
}

/** Calls `work` from many clients until the server is killed. */
async function untilKilled(
  server: KvasirProcess,
  seed: string,
  work: (client: number, number: number) => Promise<void>,
): Promise<void> {
  const { acknowledged, delayUs } = killMomentOf(seed);
  let answers = 0;
  let killed: Promise<void> | undefined;
  const client = async (at: number) => {
    for (let number = 1; ; number++) {
      await work(at, number);
      if (++answers < acknowledged || killed !== undefined) continue;
      const endMs = performance.now() + delayUs / 1000;
      while (performance.now() < endMs);
      killed = server.kill();
    }
  };
  const clients = Array.from({ length: CLIENTS_PER_PROCESS }, (_, at) =>
    client(at).catch((error: unknown) => {
      if (killed === undefined) throw error;
    }),
  );
  await Promise.all(clients);
  await killed;
}

const keyOf = (client: number, at: number) => `client:${client}:${at}`;

/** Writes the same number to all keys of a client, and increments a counter that all clients share. */
async function commit(kv: KVNamespace, client: number, number: number): Promise<void> {
  const atomic = kv.atomic().increment("commits");
  for (let at = 0; at < KEYS_PER_COMMIT; at++) atomic.put(keyOf(client, at), String(number));
  const { ok } = await atomic.commit();
  expect(ok).toBe(true);
}

describe("kvasir serve, killed while clients use it", () => {
  test(
    "leaves each commit whole or not made at all",
    async () => {
      const directory = temporaryDirectory();
      const seed = runSeed();
      for (let round = 0; round < KILL_ROUNDS; round++) {
        const server = started(serve(directory));
        const api = await server.ready();
        const namespace = await api.createNamespace(`commits ${round}`);
        const kv = api.namespace(namespace);
        const acknowledged = new Map<number, number>();
        await untilKilled(server, `${seed}:commits:${round}`, async (client, number) => {
          await commit(kv, client, number);
          acknowledged.set(client, number);
        });

        const again = started(serve(directory));
        const after = (await again.ready()).namespace(namespace);
        let commits = 0;
        for (let client = 0; client < CLIENTS_PER_PROCESS; client++) {
          const keys = Array.from({ length: KEYS_PER_COMMIT }, (_, at) => keyOf(client, at));
          const values = [...(await after.get(keys, "text")).values()];
          const number = Number(values[0] ?? 0);
          const where = `KVASIR_FAULT_SEED=${seed}, round ${round}, client ${client}`;
          expect(new Set(values).size, where).toBe(1);
          // The commit that was in flight at the kill may have been made.
          const known = acknowledged.get(client) ?? 0;
          expect([known, known + 1], where).toContain(number);
          commits += number;
        }
        expect(Number(await after.get("commits")), `KVASIR_FAULT_SEED=${seed}, round ${round}`).toBe(commits);
        await again.stop();
      }
    },
    HAMMERING_MS_MAX,
  );

  test(
    "leaves an event log with every acknowledged event at its number, and no gap",
    async () => {
      const directory = temporaryDirectory();
      const seed = runSeed();
      for (let round = 0; round < KILL_ROUNDS; round++) {
        const server = started(serve(directory));
        const api = await server.ready();
        const namespace = await api.createNamespace(`events ${round}`);
        // Two logs of the same name behave like two processes.
        const logs = [1, 2].map(() => eventLog<string>(api.namespace(namespace)));
        const acknowledged = new Map<number, string>();
        await untilKilled(server, `${seed}:events:${round}`, async (client, number) => {
          const event = `${client}:${number}`;
          const appended = await logs[client % 2]?.append(event);
          acknowledged.set(appended?.sequence ?? 0, event);
        });

        const again = started(serve(directory));
        const log = eventLog<string>((await again.ready()).namespace(namespace));
        const { events } = await log.oldest({ limit: 1000 });
        const where = `KVASIR_FAULT_SEED=${seed}, round ${round}`;
        expect(
          events.map(({ sequence }) => sequence),
          where,
        ).toEqual(events.map((_, at) => at + 1));
        const kept = new Map(events.map(({ sequence, data }) => [sequence, data]));
        const lost = [...acknowledged].filter(([sequence, event]) => kept.get(sequence) !== event);
        expect(lost, where).toEqual([]);
        expect(new Set(kept.values()).size, where).toBe(events.length);
        expect(await log.append("after"), where).toMatchObject({ sequence: events.length + 1 });
        await again.stop();
      }
    },
    HAMMERING_MS_MAX,
  );
});
