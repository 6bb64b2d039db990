import type { KVNamespace } from "@kvasir/client";
import {
  eventLog,
  lock,
  perBinding,
  type RateLimitAlgorithm,
  rateLimit,
  sessions,
} from "@kvasir/client/recipes";

/** The client that calls, and its parameters. Sent as JSON. */
export interface Call {
  readonly client: string;
  readonly number: number;
  /** How many calls are made at once. */
  readonly times?: number;
  readonly algorithm?: RateLimitAlgorithm;
  readonly limit?: number;
  /** The id of a session. */
  readonly session?: string;
}

/** The key that a failing commit would delete. */
export const GUARDED = "{guard}guarded";
/** In the bucket of the lock that guards it. */
const PROTECTED = "{lock:slept}protected";

/** Noon: the window is then long enough for every test. */
const NOW_MS = 1_700_049_600_000;
const clock = { nowMs: () => NOW_MS };

const limitersOf = perBinding((kv: KVNamespace) => {
  const limiters = new Map<string, ReturnType<typeof rateLimit>>();
  return (algorithm: RateLimitAlgorithm, limit: number) => {
    const limiter =
      limiters.get(algorithm) ?? rateLimit(kv, { limit, windowSeconds: 3600, algorithm, clock });
    limiters.set(algorithm, limiter);
    return limiter;
  };
});
const locksOf = perBinding((kv: KVNamespace) => lock(kv));
const sessionsOf = perBinding((kv: KVNamespace) => sessions<{ clicks: number }>(kv));
const logOf = perBinding((kv: KVNamespace) => eventLog<{ writer: string; number: number }>(kv));

/**
 * The tasks that clients repeat. The same code runs in processes, over HTTP, and in Workers; only the
 * namespace differs.
 */
export const tasks = {
  increment: async (kv: KVNamespace, { times = 1 }: Call) =>
    Promise.all(Array.from({ length: times }, () => kv.increment("counter"))),

  limit: async (kv: KVNamespace, { algorithm = "fixed-window", limit = 1 }: Call) =>
    (await limitersOf(kv)(algorithm, limit).check("everybody")).allowed,

  /**
   * Returns whether no other client was inside. It reads, changes and writes without a condition, which is
   * correct only with a lock.
   */
  lock: async (kv: KVNamespace, { client }: Call) =>
    locksOf(kv).withLock(
      "critical",
      async () => {
        const entered = await kv.put("inside", client, { ifAbsent: true });
        const before = Number((await kv.get("entered")) ?? 0);
        await kv.put("entered", String(before + 1));
        const left = (await kv.get("inside")) === client;
        if (entered.ok) await kv.delete("inside");
        return entered.ok && left;
      },
      { waitMs: 60_000 },
    ),

  append: async (kv: KVNamespace, { client, number }: Call) =>
    (await logOf(kv).append({ writer: client, number })).sequence,

  /** Counts in one session that all clients share. Returns the count, or `null` if the session has ended. */
  click: async (kv: KVNamespace, { session = "" }: Call) => {
    const changed = await sessionsOf(kv).update(session, ({ clicks }) => ({ clicks: clicks + 1 }));
    return changed?.data.clicks ?? null;
  },

  /** Returns whether a commit was made although its condition fails. */
  fail: async (kv: KVNamespace, { client, number }: Call) => {
    // One tag, so that the keys are in one bucket of a cluster.
    const never = `{guard}never:${client}:${number}`;
    const commit = await kv
      .atomic()
      .check(GUARDED, 1)
      .put(never, "made")
      .increment("{guard}never:counter")
      .delete(GUARDED)
      .commit();
    const put = await kv.put(GUARDED, never, { ifVersion: 1 });
    const absent = await kv.put(GUARDED, never, { ifAbsent: true });
    const deleted = await kv.delete(GUARDED, { ifVersion: 1 });
    return commit.ok || put.ok || absent.ok || deleted.ok;
  },

  /**
   * A holder of a lock sleeps past its lease, another client takes the lock, and the first one wakes up and
   * writes.
   */
  sleep: async (kv: KVNamespace) => {
    const later = { nowMs: () => NOW_MS + 31_000 };
    const sleeper = await lock(kv, { clock, ttlSeconds: 30 }).acquire("slept");
    const successor = await lock(kv, { clock: later, ttlSeconds: 30 }).acquire("slept");
    const written = await successor.guard(kv.atomic()).put(PROTECTED, "successor").commit();
    const late = await sleeper.guard(kv.atomic()).put(PROTECTED, "sleeper").commit();
    return {
      grew: successor.fencingToken > sleeper.fencingToken,
      written: written.ok,
      late: late.ok,
      protected: await kv.get(PROTECTED),
      stillHeld: await sleeper.release(),
    };
  },
};

export type TaskName = keyof typeof tasks;
