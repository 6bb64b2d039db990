import { eventLog, sessions } from "@kvasir/client/recipes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HammeredServer, type HammeredServerOptions, type Way } from "./hammered-server.js";
import { HAMMERING_MS_MAX, PROCESSES } from "./limits.js";
import { GUARDED } from "./tasks.js";

/** How much load the clients make. */
export interface HammerAmounts {
  /** Of each process. */
  readonly clients: number;
  /** Of all clients in total. */
  readonly increments: number;
  /** That one client has in flight at a time. */
  readonly incrementsAtOnce: number;
  /** The limit of a limiter, and the number of checks per client. */
  readonly limit: number;
  readonly checksPerClient: number;
  readonly locksPerClient: number;
  /** Each process has two writers of the log. */
  readonly eventsPerWriter: number;
  readonly clicksPerClient: number;
  readonly failingCommitsPerClient: number;
}

const count = (results: readonly boolean[]) => results.filter(Boolean).length;
const oneTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

/** Checks what the recipes' pages promise, with clients of several processes all at once. */
export function describeHammered(
  ways: readonly Way[],
  amounts: HammerAmounts,
  optionsOf: () => HammeredServerOptions,
): void {
  const all = PROCESSES * amounts.clients;
  let server: HammeredServer;
  beforeAll(async () => {
    server = await HammeredServer.start(optionsOf());
  });
  afterAll(() => server?.close());

  describe.each(ways)("%s", { timeout: HAMMERING_MS_MAX }, (way) => {
    test(`${amounts.increments} increments make exactly ${amounts.increments}`, async () => {
      // Twenty clients in each process, so that the number divides evenly.
      const clients = 20;
      const results = await server.hammer<number[]>(way, {
        task: "increment",
        call: { times: amounts.incrementsAtOnce },
        clients,
        callsPerClient: amounts.increments / (PROCESSES * clients * amounts.incrementsAtOnce),
      });
      expect(results.flat().sort((a, b) => a - b)).toEqual(oneTo(amounts.increments));
      expect(await server.namespace(way).get("counter")).toBe(String(amounts.increments));
    });

    test.each(["fixed-window", "sliding-window", "token-bucket"] as const)(
      `a limiter of ${amounts.limit} lets exactly ${amounts.limit} through: %s`,
      async (algorithm) => {
        const allowed = await server.hammer<boolean>(way, {
          task: "limit",
          call: { algorithm, limit: amounts.limit },
          clients: amounts.clients,
          callsPerClient: amounts.checksPerClient,
        });
        expect(allowed).toHaveLength(all * amounts.checksPerClient);
        expect(count(allowed)).toBe(amounts.limit);
      },
    );

    test("a lock never has two holders", async () => {
      const { clients, locksPerClient: callsPerClient } = amounts;
      const alone = await server.hammer<boolean>(way, { task: "lock", clients, callsPerClient });
      expect(alone.filter((was) => !was)).toEqual([]);
      // Each holder read a number and wrote the next one. If two holders had overlapped, a number would be
      // missing.
      expect(await server.namespace(way).get("entered")).toBe(String(all * callsPerClient));
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
        callsPerClient: amounts.eventsPerWriter,
      });
      const total = 2 * PROCESSES * amounts.eventsPerWriter;
      expect(sequences.sort((a, b) => a - b)).toEqual(oneTo(total));

      const log = eventLog<{ writer: string; number: number }>(server.namespace(way));
      const { events } = await log.oldest({ limit: 1000 });
      expect(events.map(({ sequence }) => sequence)).toEqual(oneTo(total));
      const writers = new Set(events.map(({ data }) => data.writer));
      expect(writers.size).toBe(2 * PROCESSES);
      for (const writer of writers) {
        const own = events.filter(({ data }) => data.writer === writer).map(({ data }) => data.number);
        expect(own, `writer ${writer}`).toEqual(
          Array.from({ length: amounts.eventsPerWriter }, (_, at) => at),
        );
      }
    });

    test("a session loses no change of many clients, and a revoked one takes none", async () => {
      const all = sessions<{ clicks: number }>(server.namespace(way));
      const { id } = await all.create({ clicks: 0 }, { userId: "ada" });
      const click = { task: "click", call: { session: id }, clients: 2 } as const;
      const counts = await server.hammer<number>(way, { ...click, callsPerClient: amounts.clicksPerClient });
      expect(counts.sort((a, b) => a - b)).toEqual(oneTo(2 * PROCESSES * amounts.clicksPerClient));
      await all.revokeAll("ada");
      expect(new Set(await server.hammer(way, click))).toEqual(new Set([null]));
    });

    test("a failed condition changes nothing", async () => {
      const kv = server.namespace(way);
      await kv.put(GUARDED, "as it was");
      const before = await kv.getWithMetadata(GUARDED, { version: true });
      const { clients, failingCommitsPerClient: callsPerClient } = amounts;
      const made = await server.hammer<boolean>(way, { task: "fail", clients, callsPerClient });
      expect(made).toEqual(Array.from({ length: all * callsPerClient }, () => false));
      expect(await kv.getWithMetadata(GUARDED, { version: true })).toEqual(before);
      expect(await kv.count({ prefix: "{guard}never" })).toBe(0);
    });
  });
}
