import { KvError } from "../../namespace/errors.js";
import type { KVBinding } from "../../typed/binding.js";
import { assertAtomic, recipeBinding } from "../binding.js";
import { steadyClock } from "../clock.js";
import { assertKnownOptions } from "../known-options.js";
import type { OptionNames } from "../option-names.js";
import {
  invalidOption,
  nonEmptyText,
  numberBetween,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  surroundings,
  wholeNumber,
} from "../options.js";
import { HeldLease, type Lease, lockLost } from "./lease.js";
import { LEASE_SECONDS, LEASE_SECONDS_MAX, PAUSE_MS, PAUSE_MS_MAX, WAIT_MS, WAIT_MS_MAX } from "./limits.js";
import { type Holder, LockEntries } from "./lock-entries.js";

export interface LockOptions extends RecipeOptions {
  /** How long a lease lasts that is not renewed, in seconds. @default 30 */
  readonly ttlSeconds?: number | undefined;
  /** @default "lock:" */
  readonly prefix?: string | undefined;
}

export interface AcquireOptions {
  /** @default that of the locks */
  readonly ttlSeconds?: number | undefined;
  /** How long to wait for a lock that is held, in milliseconds. @default 10000 */
  readonly waitMs?: number | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Renews the lease by itself until it is released. @default false; `withLock` always does */
  readonly renew?: boolean | undefined;
}

export interface Locks {
  readonly guarantee: "atomic";
  /**
   * Waits for the lock, and takes it. One request when it is free; each look at one that is held is one more. Who
   * waits longest does not necessarily get it first.
   *
   * A lost answer (`unavailable`) may leave the lock taken by nobody until its time has run out.
   *
   * @throws KvError `lock_timeout` when it stayed held, `option_invalid`, `key_too_long`; `signal`'s reason
   */
  acquire(name: string, options?: AcquireOptions): Promise<Lease>;
  /** Takes the lock if it is free. `null`: it is not. Two requests then, otherwise one. */
  tryAcquire(name: string, options?: Omit<AcquireOptions, "waitMs">): Promise<Lease | null>;
  /**
   * Runs `work` under the lock, renewing it, and gives it back. What comes back was made under the lock from the
   * first to the last: otherwise this rejects, whatever `work` returned.
   *
   * @throws KvError `lock_lost`, what `acquire` throws; what `work` throws
   */
  withLock<Result>(
    name: string,
    work: (lease: Lease) => Result | Promise<Result>,
    options?: Omit<AcquireOptions, "renew">,
  ): Promise<Result>;
}

/**
 * Locks by name: of all who ask at the same moment, one gets it. A lock ends when it is released, or when its time
 * has run out because its holder died; another then takes it over.
 *
 * A holder that was suspended for longer than its time does not know that it lost the lock. Let the writes that it
 * protects refuse such a one: `lease.guard(kv.atomic())`. For that the lock has to be in the namespace of the data.
 *
 * Deadlines are written by the holder's clock and read by the others': where clocks differ by some seconds a lock may
 * be taken over that much too early or too late. A guarded write is right all the same.
 *
 * @throws KvError `atomics_required` on a plain Workers KV binding, where two may always hold one lock
 * @throws KvError `option_invalid`
 * @example
 * const locks = lock(env.DATA);
 * await locks.withLock("report", async (lease) => {
 *   const text = await makeReport({ signal: lease.signal });
 *   await lease.guard(env.DATA.atomic()).put("report", text).commit();
 * });
 */
export function lock(kv: KVBinding, options: LockOptions = {}): Locks {
  const { atomic } = recipeBinding(kv, { name: "lock", options, optionNames: OPTION_NAMES });
  const namespace = assertAtomic(atomic, "lock");
  const around = { ...surroundings(options, "lock:"), nowMs: steadyClock(options.clock) };
  const leaseSeconds = ttlOf(options.ttlSeconds ?? LEASE_SECONDS);

  async function attempt(name: string, waitMs: number, options: AcquireOptions): Promise<Lease | null> {
    assertKnownOptions("acquire", options, ACQUIRE_OPTION_NAMES);
    const entries = new LockEntries(namespace, around.prefix, nonEmptyText("name", name));
    const ttlSeconds = options.ttlSeconds === undefined ? leaseSeconds : ttlOf(options.ttlSeconds);
    const renews = options.renew ?? false;
    const owner = crypto.randomUUID();
    const endMs = around.nowMs() + waitMs;
    // Most locks are free: the first attempt does not look.
    let holder: Holder | null = null;
    for (let looks = 0; ; looks++) {
      options.signal?.throwIfAborted();
      const nowMs = around.nowMs();
      if (holder === null || holder.untilMs <= nowMs) {
        const term = { owner, ttlSeconds, untilMs: nowMs + ttlSeconds * 1000 };
        const fencingToken = await takeOrFindTaken(entries, term, holder);
        if (fencingToken !== null) {
          return new HeldLease(entries, { ...term, name, fencingToken, renews }, around);
        }
      }
      holder = await entries.read();
      const freeMs = holder === null ? 0 : Math.max(0, holder.untilMs - around.nowMs());
      const leftMs = endMs - around.nowMs();
      // Given back just now, or its time is over: also who does not wait gets one try at it.
      if (freeMs === 0 && (leftMs > 0 || looks === 0)) continue;
      if (leftMs <= 0) return null;
      const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** looks) * (0.5 + around.random());
      await unlessAborted(around.sleep(Math.min(pauseMs, leftMs, freeMs)), options.signal);
    }
  }

  async function acquire(name: string, options: AcquireOptions = {}): Promise<Lease> {
    const waitMs = numberBetween("waitMs", options.waitMs ?? WAIT_MS, { min: 0, max: WAIT_MS_MAX });
    const lease = await attempt(name, waitMs, options);
    if (lease !== null) return lease;
    throw new KvError("lock_timeout", `The lock ${JSON.stringify(name)} was held for ${waitMs} ms.`, {
      hint: "Wait longer with waitMs, or tell your caller to come again.",
    });
  }

  return {
    guarantee: "atomic",
    acquire,
    tryAcquire: (name, options = {}) => attempt(name, 0, options),
    async withLock(name, work, options = {}) {
      if (typeof work !== "function") throw invalidOption("work", work, "a function");
      const lease = await acquire(name, { ...options, renew: true });
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work(lease);
      } catch (error) {
        // What went wrong in the work matters more than what goes wrong in giving back: its time runs out.
        await lease.release().catch(() => {});
        throw error;
      }
      const held = await lease.release();
      lease.signal.throwIfAborted();
      if (!held) throw lockLost(name, "Another owner had taken it before the work was done.");
      return result;
    },
  };
}

const OPTION_NAMES: OptionNames<LockOptions> = { ...RECIPE_OPTION_NAMES, ttlSeconds: true };

const ACQUIRE_OPTION_NAMES: OptionNames<AcquireOptions> = {
  ttlSeconds: true,
  waitMs: true,
  signal: true,
  renew: true,
};

/** The fencing token; `null` when somebody else went first. */
async function takeOrFindTaken(
  entries: LockEntries,
  term: Parameters<LockEntries["take"]>[0],
  seen: Holder | null,
): Promise<number | null> {
  try {
    return await entries.take(term, seen);
  } catch (error) {
    if (!(error instanceof KvError) || error.code !== "unavailable") throw error;
    // The answer may have been lost, not the request: the owner's name tells.
    const holder = await entries.read().catch(() => null);
    if (holder?.owner === term.owner) return holder.fencingToken;
    throw error;
  }
}

function ttlOf(value: unknown): number {
  return wholeNumber("ttlSeconds", value, { min: 1, max: LEASE_SECONDS_MAX });
}

function unlessAborted(waiting: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return waiting;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    waiting.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
