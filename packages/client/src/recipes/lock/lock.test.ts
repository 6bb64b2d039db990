import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { KvError, type KvErrorCode } from "../../namespace/errors.js";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import type { KVBinding } from "../../typed/binding.js";
import { OWNER_SECONDS } from "./limits.js";
import { type AcquireOptions, type LockOptions, lock } from "./lock.js";

let clock: FakeClock;
let database: ReturnType<typeof open>;
let kv: KVNamespace;

beforeEach(() => {
  clock = new FakeClock();
  database = open(":memory:", { clock });
  kv = database.namespace("locks");
});
afterEach(() => database.close());

/** Timers that fire when the clock passes them. */
class Timers {
  readonly #pending = new Set<{ run: () => void; dueMs: number }>();

  readonly timer = (run: () => void, ms: number) => {
    const pending = { run, dueMs: clock.nowMs() + ms };
    this.#pending.add(pending);
    return () => this.#pending.delete(pending);
  };

  get pending(): number {
    return this.#pending.size;
  }

  async advance(ms: number): Promise<void> {
    await clock.advance(ms);
    for (const pending of this.#pending) {
      if (pending.dueMs > clock.nowMs() || !this.#pending.delete(pending)) continue;
      pending.run();
    }
    // The timers' requests are done once the store has executed a later request.
    await kv.put("after", "");
    await kv.put("after", "");
  }
}

/** Sleeping advances the clock, so these tests never wait. */
const locksOf = (options: LockOptions = {}, namespace = kv) =>
  lock(namespace, { clock, sleep: async (ms) => clock.advance(ms), random: () => 0.5, ...options });

/** `kv` with one method replaced for its first call. */
function once(method: "atomic" | "list", instead: (real: KVNamespace) => unknown): KVNamespace {
  return replaced(method, instead, { times: 1 });
}

/** `kv`, and a function that loses the response of its next commit. */
function unsteady(): { readonly losing: KVNamespace; lose(): void } {
  const left = { times: 0 };
  return {
    losing: replaced("atomic", lostAnswer, left),
    lose() {
      left.times = 1;
    },
  };
}

/** `kv` with one method replaced for the given number of calls. */
function replaced(
  method: "atomic" | "list",
  instead: (real: KVNamespace) => unknown,
  left: { times: number },
): KVNamespace {
  return new Proxy(kv, {
    get(target, name) {
      if (name === method && left.times > 0) {
        left.times--;
        return () => instead(target);
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A commit that is made, but fails with an error that leaves it in doubt. */
function commitInDoubt(code: KvErrorCode): (real: KVNamespace) => unknown {
  return (real) => {
    const atomic = real.atomic();
    const commit = atomic.commit.bind(atomic);
    atomic.commit = async () => {
      await commit();
      throw new KvError(code, "The answer was lost.");
    };
    return atomic;
  };
}

const lostAnswer = commitInDoubt("unavailable");

describe("tryAcquire", () => {
  test("gives the lock to one of all who ask at once", async () => {
    const leases = await Promise.all(Array.from({ length: 64 }, () => locksOf().tryAcquire("a")));
    expect(leases.filter((lease) => lease !== null)).toHaveLength(1);
  });

  test("gives it again once it was released, and locks of other names meanwhile", async () => {
    const lease = await locksOf().tryAcquire("a");
    expect(await locksOf().tryAcquire("a")).toBeNull();
    expect(await locksOf().tryAcquire("a:owner")).not.toBeNull();
    expect(await lease?.release()).toBe(true);
    expect(await lease?.release()).toBe(true);
    expect(await locksOf().tryAcquire("a")).not.toBeNull();
  });

  test("takes over a lock whose time has run out, also one of less than a minute", async () => {
    const first = await locksOf({ ttlSeconds: 2 }).tryAcquire("a");
    await clock.advance(1999);
    expect(await locksOf().tryAcquire("a")).toBeNull();
    await clock.advance(1);
    const leases = await Promise.all(Array.from({ length: 8 }, () => locksOf().tryAcquire("a")));
    const [second, ...others] = leases.filter((lease) => lease !== null);
    expect(others).toEqual([]);
    expect(second?.fencingToken).toBeGreaterThan(first?.fencingToken ?? Number.NaN);
    expect(await first?.release()).toBe(false);
    expect(await locksOf().tryAcquire("a")).toBeNull();
  });

  test("leaves a lock alone that was renewed since it was seen", async () => {
    const first = await locksOf({ ttlSeconds: 2 }).acquire("a");
    await clock.advance(2000);
    // Renews after the other process has seen that the lease expired, and before that process takes the lock.
    const slow = new Proxy(kv, {
      get(target, name) {
        if (name === "list") {
          return async (options: object) => {
            const page = await target.list(options);
            await first.renew();
            return page;
          };
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    expect(await locksOf({}, slow).tryAcquire("a")).toBeNull();
    await expect(first.renew()).resolves.toBeUndefined();
  });
});

describe("acquire", () => {
  test("waits until the lock is free", async () => {
    await locksOf({ ttlSeconds: 5 }).acquire("a");
    const startMs = clock.nowMs();
    await locksOf().acquire("a");
    expect(clock.nowMs() - startMs).toBe(5000);
  });

  test("gives up after the time that it was given", async () => {
    await locksOf().acquire("a");
    const startMs = clock.nowMs();
    await expect(locksOf().acquire("a", { waitMs: 700 })).rejects.toMatchObject({ code: "lock_timeout" });
    expect(clock.nowMs() - startMs).toBe(700);
  });

  test("stops waiting when it is told to", async () => {
    await locksOf().acquire("a");
    const controller = new AbortController();
    const waiting = locksOf({ sleep: () => new Promise(() => controller.abort(new Error("enough"))) });
    await expect(waiting.acquire("a", { signal: controller.signal })).rejects.toThrow("enough");
    await expect(locksOf().acquire("b", { signal: controller.signal })).rejects.toThrow("enough");
    expect(await locksOf().tryAcquire("b")).not.toBeNull();
  });

  test.each(["unavailable", "outcome_unknown"] as const)("knows its own lock after %s", async (code) => {
    const lease = await locksOf({}, once("atomic", commitInDoubt(code))).acquire("a");
    expect(await locksOf().tryAcquire("a")).toBeNull();
    await expect(lease.renew()).resolves.toBeUndefined();
    expect(await lease.release()).toBe(true);
  });

  test.each<[string, AcquireOptions]>([
    ["", {}],
    ["a", { ttlSeconds: 0 }],
    ["a", { ttlSeconds: -1 }],
    ["a", { ttlSeconds: 1.5 }],
    ["a", { ttlSeconds: 100_000 }],
    ["a", { waitMs: -1 }],
    ["a", { waitMs: Number.NaN }],
  ])("refuses the name %o with %o", async (name, options) => {
    await expect(locksOf().acquire(name, options)).rejects.toMatchObject({ code: "option_invalid" });
  });

  test("refuses a name that makes too long a key", async () => {
    await expect(locksOf().acquire("x".repeat(600))).rejects.toMatchObject({ code: "key_too_long" });
  });
});

describe("a lease", () => {
  test("has a fencing token that grows with every owner, across release, expiry and deletion", async () => {
    const tokens: number[] = [];
    for (let owner = 0; owner < 6; owner++) {
      const lease = await locksOf({ ttlSeconds: 2 }).acquire("a");
      tokens.push(lease.fencingToken);
      if (owner % 3 === 0) await lease.release();
      if (owner % 3 === 1) await clock.advance(2000);
      if (owner % 3 === 2) await kv.deletePrefix("lock:");
    }
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
  });

  test("stops a holder that slept past its time from writing", async () => {
    const first = await locksOf().acquire("a");
    expect(await first.guard(kv.atomic()).put("data", "first").commit()).toMatchObject({ ok: true });
    await clock.advance(30_000);
    // Nobody else holds it yet, so this holder may still write.
    expect(await first.guard(kv.atomic()).put("data", "late").commit()).toMatchObject({ ok: true });
    const second = await locksOf().acquire("a");
    expect(await second.guard(kv.atomic()).put("data", "second").commit()).toMatchObject({ ok: true });
    expect(await first.guard(kv.atomic()).put("data", "too late").commit()).toMatchObject({ ok: false });
    expect(await kv.get("data")).toBe("second");
  });

  test("keeps its token when it is renewed, so that no guarded write meets a renewal", async () => {
    const lease = await locksOf().acquire("a");
    const token = lease.fencingToken;
    const write = lease.guard(kv.atomic()).put("data", "written");
    await lease.renew();
    expect(lease.fencingToken).toBe(token);
    expect(await write.commit()).toMatchObject({ ok: true });
  });

  test("lasts as long again with each renewal", async () => {
    const lease = await locksOf().acquire("a");
    await clock.advance(20_000);
    await lease.renew();
    expect(lease.untilMs).toBe(clock.nowMs() + 30_000);
    await clock.advance(29_999);
    expect(await locksOf().tryAcquire("a")).toBeNull();
  });

  test("lasts for months when it is renewed", async () => {
    const lease = await locksOf({ ttlSeconds: 86_400 }).acquire("a");
    const token = lease.fencingToken;
    for (let day = 0; day < 70; day++) {
      await clock.advance(86_399_000);
      await lease.renew();
      expect(await locksOf().tryAcquire("a")).toBeNull();
    }
    expect(lease.fencingToken).toBeGreaterThan(token);
    expect(await lease.guard(kv.atomic()).put("data", "held").commit()).toMatchObject({ ok: true });
    expect(await lease.release()).toBe(true);
  });

  test("says that it is lost when another has taken it", async () => {
    const lease = await locksOf().acquire("a");
    await clock.advance(30_000);
    await locksOf().acquire("a");
    expect(lease.signal.aborted).toBe(false);
    await expect(lease.renew()).rejects.toMatchObject({ code: "lock_lost" });
    expect(lease.signal.reason).toMatchObject({ code: "lock_lost" });
    expect(() => lease.guard(kv.atomic())).toThrow(expect.objectContaining({ code: "lock_lost" }));
    expect(await lease.release()).toBe(false);
  });

  test("cannot be renewed once it was released", async () => {
    const lease = await locksOf().acquire("a");
    await lease.release();
    await expect(lease.renew()).rejects.toMatchObject({ code: "lock_lost" });
  });

  test("is released also when the answer to that was lost", async () => {
    const { losing, lose } = unsteady();
    const lease = await locksOf({}, losing).acquire("a");
    lose();
    expect(await lease.release()).toBe(true);
    expect(await locksOf().tryAcquire("a")).not.toBeNull();
  });

  test("does not pass for released, when the answer to that was lost, once another has taken it", async () => {
    const { losing, lose } = unsteady();
    const lease = await locksOf({}, losing).acquire("a");
    await clock.advance(30_000);
    const other = await locksOf().acquire("a");
    lose();
    expect(await lease.release()).toBe(false);
    expect(await other.release()).toBe(true);
  });

  test("is released at the end of its scope", async () => {
    const lease = await locksOf().acquire("a");
    await lease[Symbol.asyncDispose]();
    expect(await locksOf().tryAcquire("a")).not.toBeNull();
  });

  test("leaves nothing in the store for good when its holder dies", async () => {
    await locksOf().acquire("a");
    await clock.advance((OWNER_SECONDS + 1) * 1000);
    expect(await kv.count()).toBe(0);
  });
});

describe("withLock", () => {
  test("runs one after the other, and gives back what the work returns", async () => {
    let inside = 0;
    const results = await Promise.all(
      [1, 2, 3, 4].map((number) =>
        locksOf({ sleep: () => kv.put("time", "passes") }).withLock("a", async () => {
          expect(++inside).toBe(1);
          await kv.put("work", String(number));
          inside--;
          return number;
        }),
      ),
    );
    expect(results).toEqual([1, 2, 3, 4]);
    expect(await kv.count({ prefix: "lock:" })).toBe(0);
  });

  test("gives the lock back when the work fails", async () => {
    const failing = locksOf().withLock("a", () => {
      throw new Error("broken");
    });
    await expect(failing).rejects.toThrow("broken");
    expect(await locksOf().tryAcquire("a")).not.toBeNull();
  });

  test("renews for as long as the work takes", async () => {
    const timers = new Timers();
    const locks = locksOf({ timer: timers.timer });
    const result = await locks.withLock("a", async (lease) => {
      const untilMs = lease.untilMs;
      for (let times = 0; times < 20; times++) await timers.advance(10_000);
      expect(lease.untilMs).toBeGreaterThan(untilMs + 180_000);
      expect(await locksOf().tryAcquire("a")).toBeNull();
      return "done";
    });
    expect(result).toBe("done");
    expect(timers.pending).toBe(0);
  });

  test("tells the work that the lock is lost, and does not pass its result off as made under the lock", async () => {
    const timers = new Timers();
    const result = locksOf({ timer: timers.timer }).withLock("a", async (lease) => {
      await clock.advance(30_000);
      await locksOf().acquire("a");
      await timers.advance(0);
      expect(lease.signal.reason).toMatchObject({ code: "lock_lost" });
      return "made without it";
    });
    await expect(result).rejects.toMatchObject({ code: "lock_lost" });
    expect(await locksOf().tryAcquire("a")).toBeNull();
  });

  test("finds out at the end at the latest", async () => {
    const result = locksOf({ timer: () => () => {} }).withLock("a", async () => {
      await clock.advance(30_000);
      await locksOf().acquire("a");
      return "made without it";
    });
    await expect(result).rejects.toMatchObject({ code: "lock_lost" });
  });

  test("goes on when a renewal fails that the next one makes up for, and stops at the deadline", async () => {
    const timers = new Timers();
    let broken = false;
    const unsteady = new Proxy(kv, {
      get(target, name) {
        if (name === "atomic" && broken) {
          return () => {
            throw new KvError("unavailable", "Not now.");
          };
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const result = locksOf({ timer: timers.timer }, unsteady).withLock("a", async (lease) => {
      broken = true;
      await timers.advance(10_000);
      broken = false;
      await timers.advance(10_000);
      expect(lease.untilMs).toBe(clock.nowMs() + 30_000);
      broken = true;
      await timers.advance(29_999);
      expect(lease.signal.aborted).toBe(false);
      await timers.advance(1);
      expect(lease.signal.aborted).toBe(true);
      broken = false;
    });
    await expect(result).rejects.toMatchObject({ code: "lock_lost" });
  });

  test("gives the lock up when the clock jumps back", async () => {
    const timers = new Timers();
    let backMs = 0;
    const jumping = { nowMs: () => clock.nowMs() - backMs };
    const result = locksOf({ timer: timers.timer, clock: jumping }).withLock("a", async (lease) => {
      backMs = 60_000;
      await timers.advance(10_000);
      expect(lease.signal.reason).toMatchObject({ code: "lock_lost", cause: { code: "clock_backwards" } });
    });
    await expect(result).rejects.toMatchObject({ code: "lock_lost" });
  });
});

describe("lock", () => {
  test("refuses a plain Workers KV binding, on which it would be none", () => {
    const plain: KVBinding = {
      get: kv.get.bind(kv),
      getWithMetadata: kv.getWithMetadata.bind(kv),
      put: kv.put.bind(kv),
      delete: kv.delete.bind(kv),
      list: kv.list.bind(kv),
    };
    expect(() => lock(plain)).toThrow(expect.objectContaining({ code: "atomics_required" }));
    expect(() => lock(undefined as unknown as KVBinding)).toThrow(TypeError);
  });

  test("refuses leases of no time", () => {
    expect(() => lock(kv, { ttlSeconds: 0 })).toThrow(expect.objectContaining({ code: "option_invalid" }));
  });

  test("says that it guarantees what it says", () => {
    expectTypeOf(lock(kv).guarantee).toEqualTypeOf<"atomic">();
  });
});
