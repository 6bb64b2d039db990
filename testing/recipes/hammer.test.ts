/**
 * Four processes with sixteen clients each, all at once: over HTTP on a server of two processes, and from
 * Workers on the same server. The test checks what the recipes' pages promise, with a durable store and no
 * waits.
 */
import { eventLog } from "@kvasir/client/recipes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HammeredServer, type Way } from "./hammered-server.js";
import {
  CHECKS_PER_CLIENT,
  CLIENTS_PER_PROCESS,
  EVENTS_PER_WRITER,
  FAILING_COMMITS_PER_CLIENT,
  HAMMERING_MS_MAX,
  INCREMENTS,
  INCREMENTS_AT_ONCE,
  LIMIT,
  LOCKS_PER_CLIENT,
  PROCESSES,
} from "./limits.js";

const CLIENTS = PROCESSES * CLIENTS_PER_PROCESS;
const WAYS: readonly Way[] = ["over HTTP", "from Workers"];

let server: HammeredServer;
beforeAll(async () => {
  server = await HammeredServer.start();
});
afterAll(() => server?.close());

const count = (results: readonly boolean[]) => results.filter(Boolean).length;
const oneTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

describe.each(WAYS)("%s", { timeout: HAMMERING_MS_MAX }, (way) => {
  test(`${INCREMENTS} increments make exactly ${INCREMENTS}`, async () => {
    // Twenty clients in each process, so that the number divides evenly.
    const clients = 20;
    const results = await server.hammer<number[]>(way, {
      task: "increment",
      call: { times: INCREMENTS_AT_ONCE },
      clients,
      callsPerClient: INCREMENTS / (PROCESSES * clients * INCREMENTS_AT_ONCE),
    });
    expect(results.flat().sort((a, b) => a - b)).toEqual(oneTo(INCREMENTS));
    expect(await server.namespace(way).get("counter")).toBe(String(INCREMENTS));
  });

  test.each(["fixed-window", "sliding-window", "token-bucket"] as const)(
    `a limiter of ${LIMIT} lets exactly ${LIMIT} through: %s`,
    async (algorithm) => {
      const allowed = await server.hammer<boolean>(way, {
        task: "limit",
        call: { algorithm, limit: LIMIT },
        callsPerClient: CHECKS_PER_CLIENT,
      });
      expect(allowed).toHaveLength(CLIENTS * CHECKS_PER_CLIENT);
      expect(count(allowed)).toBe(LIMIT);
    },
  );

  test("a lock never has two holders", async () => {
    const alone = await server.hammer<boolean>(way, { task: "lock", callsPerClient: LOCKS_PER_CLIENT });
    expect(alone.filter((was) => !was)).toEqual([]);
    // Each holder read a number and wrote the next one. If two holders had overlapped, a number would be
    // missing.
    expect(await server.namespace(way).get("entered")).toBe(String(CLIENTS * LOCKS_PER_CLIENT));
  });

  test("a holder that slept past its time is stopped by its fencing token", async () => {
    const [outcome] = await server.hammer(way, { task: "sleep", processes: 1, clients: 1 });
    expect(outcome).toEqual({
      grew: true,
      written: true,
      late: false,
      protected: "successor",
      stillHeld: false,
    });
  });

  test("an event log of 8 writers keeps every event, each writer's in order, without a gap", async () => {
    const sequences = await server.hammer<number>(way, {
      task: "append",
      clients: 2,
      callsPerClient: EVENTS_PER_WRITER,
    });
    const total = 2 * PROCESSES * EVENTS_PER_WRITER;
    expect(sequences.sort((a, b) => a - b)).toEqual(oneTo(total));

    const { events } = await eventsOf(way);
    expect(events.map(({ sequence }) => sequence)).toEqual(oneTo(total));
    const writers = new Set(events.map(({ data }) => data.writer));
    expect(writers.size).toBe(2 * PROCESSES);
    for (const writer of writers) {
      const own = events.filter(({ data }) => data.writer === writer).map(({ data }) => data.number);
      expect(own, `writer ${writer}`).toEqual(Array.from({ length: EVENTS_PER_WRITER }, (_, at) => at));
    }
  });

  test("a failed condition changes nothing", async () => {
    const kv = server.namespace(way);
    await kv.put("guarded", "as it was");
    const before = await kv.getWithMetadata("guarded", { version: true });
    const made = await server.hammer<boolean>(way, {
      task: "fail",
      callsPerClient: FAILING_COMMITS_PER_CLIENT,
    });
    expect(made).toEqual(Array.from({ length: CLIENTS * FAILING_COMMITS_PER_CLIENT }, () => false));
    expect(await kv.getWithMetadata("guarded", { version: true })).toEqual(before);
    expect(await kv.count({ prefix: "never" })).toBe(0);
  });
});

async function eventsOf(way: Way) {
  const log = eventLog<{ writer: string; number: number }>(server.namespace(way));
  return log.oldest({ limit: 1000 });
}
