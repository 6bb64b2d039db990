/**
 * Fault tolerated here: a cluster does not confirm a write of a recipe (`outcome_unknown`), and it was made, or it was
 * not. No recipe repeats blindly what may have been made: a lock is not held until that is known and its fencing token
 * is not used again, an event is in its log once, a limiter lets nobody more through, a session keeps every change.
 */
import type { KVNamespace } from "@kvasir/client";
import { cache, eventLog, lock, rateLimit, sessions } from "@kvasir/client/recipes";
import { type Clock, Database, FakeClock, KvError, open, type Store, WORKERS_RULES } from "@kvasir/store";
import { describe, expect, onTestFinished, test } from "vitest";

type Outcome = "made" | "not made";

/** A namespace some of whose writes come to nothing known. */
interface Doubtful {
  readonly kv: KVNamespace;
  /** What becomes of the next writes, one after the other. Those after them are confirmed. */
  doubt(...outcomes: readonly Outcome[]): void;
  /** Whether reads fail too. */
  isDeaf: boolean;
}

const inDoubt = () =>
  new KvError("outcome_unknown", "The write may or may not have been made: 0 of 1 replicas confirmed it.");

function doubtful(clock: Clock = new FakeClock()): Doubtful {
  const { store } = open(":memory:", { clock });
  const coming: Outcome[] = [];
  const it = { isDeaf: false };
  const write =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const outcome = coming.shift();
      if (outcome === undefined) return method(...args);
      if (outcome === "made") await method(...args);
      throw inDoubt();
    };
  const read =
    <A extends unknown[], R>(method: (...args: A) => R | Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (it.isDeaf) throw new KvError("unavailable", "The cluster did not take the operation.");
      return await method(...args);
    };
  const { entries } = store;
  const faulty: Store = {
    ...store,
    entries: {
      ...entries,
      get: read(entries.get),
      getMany: read(entries.getMany),
      list: read(entries.list),
      put: write(entries.put),
      delete: write(entries.delete),
      increment: write(entries.increment),
      touch: write(entries.touch),
      commit: write(entries.commit),
    },
  };
  const database = new Database(faulty, { clock, rules: WORKERS_RULES });
  onTestFinished(() => database.close());
  return Object.assign(it, {
    kv: database.namespace("doubtful"),
    doubt: (...outcomes: readonly Outcome[]) => void coming.push(...outcomes),
  });
}

const unknown = { code: "outcome_unknown" };

describe.each<Outcome>(["made", "not made"])("a write that was %s and not confirmed", (outcome) => {
  test("lock: it is held only when that is known, and no token is used twice", async () => {
    const clock = new FakeClock();
    const it = doubtful(clock);
    const locks = lock(it.kv, { clock, ttlSeconds: 60 });
    it.doubt(outcome);
    const taking = locks.acquire("report", { waitMs: 0 });
    const tokens: number[] = [];
    if (outcome === "made") {
      // The entry in the store says whose it is.
      const lease = await taking;
      tokens.push(lease.fencingToken);
      expect(await locks.tryAcquire("report")).toBeNull();
      it.doubt(outcome);
      expect(await lease.release()).toBe(true);
    } else {
      await expect(taking).rejects.toMatchObject(unknown);
    }
    const next = await locks.acquire("report", { waitMs: 0 });
    expect(tokens).not.toContain(next.fencingToken);
    expect(Math.max(0, ...tokens)).toBeLessThan(next.fencingToken);
    // A renewal in doubt does not lengthen the lease that the owner counts on.
    const { untilMs, fencingToken } = next;
    clock.advance(10_000);
    it.doubt(outcome);
    await expect(next.renew()).rejects.toMatchObject(unknown);
    expect([next.untilMs, next.fencingToken]).toEqual([untilMs, fencingToken]);
    await next.renew();
    it.doubt(outcome);
    expect(await next.release()).toBe(true);
    expect(await locks.tryAcquire("report")).not.toBeNull();
  });

  test("lock: while nothing can be read either, nobody holds it", async () => {
    const clock = new FakeClock();
    const it = doubtful(clock);
    const locks = lock(it.kv, { clock, ttlSeconds: 60 });
    it.doubt(outcome);
    it.isDeaf = true;
    await expect(locks.acquire("report", { waitMs: 0 })).rejects.toMatchObject(unknown);
    it.isDeaf = false;
    // If it was made, the lock has an owner that does not know of it, for the time of its lease.
    const early = await locks.tryAcquire("report");
    expect(early === null).toBe(outcome === "made");
    clock.advance(61_000);
    expect((await locks.tryAcquire("report"))?.fencingToken).toBeGreaterThan(early?.fencingToken ?? 0);
  });

  test("event log: each event is there once, at the number that its writer is told", async () => {
    const it = doubtful();
    const log = eventLog<string>(it.kv);
    await log.append("first");
    it.doubt(outcome);
    expect((await log.append("second")).sequence).toBe(2);
    it.doubt(...new Array<Outcome>(9).fill(outcome));
    const repeated = log.append("third", { id: "order-3" });
    // Given up after some attempts, if none is confirmed. With its id it is repeated without harm.
    await repeated.catch((error: unknown) => expect(error).toMatchObject(unknown));
    it.doubt();
    for (let left = 0; left < 9; left++) {
      const appended = await log.append("third", { id: "order-3" }).catch(() => null);
      if (appended === null) continue;
      expect(appended.sequence).toBe(3);
      break;
    }
    const { events } = await log.oldest({ limit: 10 });
    expect(events.map(({ sequence, data }) => [sequence, data])).toEqual([
      [1, "first"],
      [2, "second"],
      [3, "third"],
    ]);
  });

  test.each(["fixed-window", "sliding-window", "token-bucket"] as const)(
    "rate limit: never more than the limit get through: %s",
    async (algorithm) => {
      const clock = new FakeClock();
      const it = doubtful(clock);
      const limiter = rateLimit(it.kv, {
        limit: 3,
        windowSeconds: 3600,
        algorithm,
        clock,
        onStoreError: "throw",
      });
      let allowed = 0;
      let unclear = 0;
      for (let check = 0; check < 8; check++) {
        if (check === 1) it.doubt(outcome);
        await limiter.check("ada").then(
          (result) => {
            if (result.allowed) allowed++;
          },
          (error: unknown) => {
            expect(error).toMatchObject(unknown);
            unclear++;
          },
        );
      }
      expect(unclear).toBe(1);
      expect(allowed).toBe(outcome === "made" ? 2 : 3);
    },
  );

  test("sessions: no change is lost or made by half, and a revocation can be repeated", async () => {
    const it = doubtful();
    const all = sessions<{ clicks: number }>(it.kv);
    it.doubt(outcome);
    await expect(all.create({ clicks: 0 }, { userId: "ada" })).rejects.toMatchObject(unknown);
    // If it was made, nobody knows its id; the user's list has it, so that it can be revoked.
    expect((await all.list("ada")).length).toBe(outcome === "made" ? 1 : 0);
    const { id } = await all.create({ clicks: 0 }, { userId: "ada" });
    it.doubt(outcome);
    const click = () => all.update(id, ({ clicks }) => ({ clicks: clicks + 1 }));
    await expect(click()).rejects.toMatchObject(unknown);
    expect((await click())?.data.clicks).toBe(outcome === "made" ? 2 : 1);
    it.doubt(outcome);
    await expect(all.revokeAll("ada")).rejects.toMatchObject(unknown);
    await all.revokeAll("ada");
    expect(await all.get(id)).toBeNull();
    expect(await all.list("ada")).toEqual([]);
  });

  test("cache: the caller gets the value, and nobody an older one", async () => {
    const it = doubtful();
    const pages = cache(it.kv, { ttlSeconds: 600 });
    let computed = 0;
    const get = () => pages.getOrSet("page", () => ++computed);
    // The lease, then the entry.
    it.doubt(outcome, outcome);
    expect(await get()).toBe(1);
    const again = await get();
    expect(again).toBe(computed);
    it.doubt(outcome);
    await expect(pages.delete("page")).rejects.toMatchObject(unknown);
    await pages.delete("page");
    const fresh = await get();
    expect(fresh).toBe(computed);
    expect(fresh).toBeGreaterThan(again);
  });
});
