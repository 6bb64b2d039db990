import { KvError } from "../../namespace/errors.js";
import type { KVBinding } from "../../typed/binding.js";
import { assertAtomic, recipeBinding } from "../shared/binding.js";
import { steadyClock } from "../shared/clock.js";
import { assertKnownOptions } from "../shared/known-options.js";
import type { OptionNames } from "../shared/option-names.js";
import {
  invalidOption,
  nonEmptyText,
  numberBetween,
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  surroundings,
  wholeNumber,
} from "../shared/options.js";
import { isInDoubt } from "../shared/store-access.js";
import { HeldLease, type Lease, lockLost } from "./lease.js";
import { LEASE_SECONDS, LEASE_SECONDS_MAX, PAUSE_MS, PAUSE_MS_MAX, WAIT_MS, WAIT_MS_MAX } from "./limits.js";
import { type Holder, LockEntries } from "./lock-entries.js";

export interface LockOptions extends RecipeOptions {
  /** Duration of a lease that is not renewed, in seconds. @default 30 */
  readonly ttlSeconds?: number | undefined;
  /** @default "lock:" */
  readonly prefix?: string | undefined;
}

export interface AcquireOptions {
  /** Duration of the lease, in seconds. @default the value of the locks */
  readonly ttlSeconds?: number | undefined;
  /** How long to wait for a lock that is held, in milliseconds. @default 10000 */
  readonly waitMs?: number | undefined;
  /** Aborts the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Renews the lease automatically until it is released. @default false; `withLock` always does */
  readonly renew?: boolean | undefined;
}

export interface Locks {
  readonly guarantee: "atomic";
  /**
   * Waits for the lock and takes it. One request if it is free, and one more for each check of a held lock.
   * The order of waiting callers is not guaranteed.
   *
   * If a response is lost (`unavailable`), the lock may be held without an owner until its time is over.
   *
   * @throws KvError `lock_timeout` if it stayed held, `option_invalid`,
   *   `key_too_long`; the reason of `signal`
   */
  acquire(name: string, options?: AcquireOptions): Promise<Lease>;
  /** Takes the lock if it is free. Returns `null` if it is held. One request if it is free, otherwise two. */
  tryAcquire(name: string, options?: Omit<AcquireOptions, "waitMs">): Promise<Lease | null>;
  /**
   * Runs `work` under the lock, renews it meanwhile, and releases it. It resolves only if the lock was held
   * all the time. Otherwise it rejects, even if `work` returned a result.
   *
   * @throws KvError `lock_lost`, and all errors of `acquire`; the errors of `work`
   */
  withLock<Result>(
    name: string,
    work: (lease: Lease) => Result | Promise<Result>,
    options?: Omit<AcquireOptions, "renew">,
  ): Promise<Result>;
}

/**
 * Locks by name. Of several concurrent callers only one gets the lock. A lock ends when it is released, or
 * when its time is over because its holder died. Another caller can then take it.
 *
 * A holder that was suspended for longer than its time does not know that it has lost the lock.
 * Guard the writes that the lock protects: `lease.guard(kv.atomic())`. The lock must be in the
 * namespace of the data for that.
 *
 * A holder writes its deadline by its own clock, and others compare it with theirs. If clocks
 * differ by some seconds, a lock may be taken over too early or too late by that much. Guarded
 * writes are correct regardless.
 *
 * @throws KvError `atomics_required` on a plain Workers KV binding, where two callers
 *   could always hold the same lock
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
    // Most locks are free, so the first attempt does not read first.
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
      // Just released or expired: a caller that does not wait gets one attempt too.
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
        // The error of the work matters more than a failed release. The lease expires by itself.
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

/** Returns the fencing token, or `null` if another caller was faster. */
async function takeOrFindTaken(
  entries: LockEntries,
  term: Parameters<LockEntries["take"]>[0],
  seen: Holder | null,
): Promise<number | null> {
  try {
    return await entries.take(term, seen);
  } catch (error) {
    if (!isInDoubt(error)) throw error;
    // The request may have been executed and its response lost. The stored owner shows it.
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
