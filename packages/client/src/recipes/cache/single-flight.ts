import { requestsMayShare } from "../batches.js";
import type { RecipeSurroundings } from "../options.js";
import { within } from "../within.js";
import type { CacheEntries, Found, KeyedContent } from "./entries.js";
import { type CacheEntry, type Content, entryOf } from "./entry.js";
import { type Flight, Flights, type Landed } from "./flights.js";
import type { HeldLease, Lease } from "./lease.js";
import { FAILURES_SHARED_MAX, LEASES_WAITED_MAX, POLL_MS, POLL_MS_MAX } from "./limits.js";

/** What came of a computation. */
export interface Computed {
  /** For the key; `null`: nothing that others can use. Of no duration: for those who wait now, and not stored. */
  readonly content: Content | null;
  /** Stored together with it. */
  readonly others?: readonly KeyedContent[];
}

/** What a caller wants, and how to get it. */
export interface Wanted {
  readonly key: string;
  readonly tags: readonly string[];
  /** @param replaced what is being served meanwhile */
  compute(replaced: CacheEntry | null): Promise<Computed>;
  /** How long a failure is kept for others. */
  readonly failureMs: number;
  /** Whether an entry that was found will do. @default every one */
  readonly accepts?: ((entry: CacheEntry) => boolean) | undefined;
  /**
   * Replaces an entry that was given out, where `compute` cannot be called after that; `false`: nothing can.
   * @default compute
   */
  readonly refresh?: (() => Promise<unknown>) | false | undefined;
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

export interface Obtained {
  readonly status: "hit" | "stale" | "miss";
  readonly entry: CacheEntry | null;
  /** Whether this very call computed it. */
  readonly own: boolean;
}

export interface SingleFlightOptions
  extends Pick<RecipeSurroundings, "nowMs" | "random" | "sleep" | "timer"> {
  readonly leaseMs: number;
  readonly earlyRefresh: number;
  readonly onError: (error: unknown, key: string) => void;
  /** Whether a request failed because the store is away. */
  readonly isAway: (error: unknown) => boolean;
}

/**
 * Looks up, and computes what is not there: once, however many want it at the same time. Within a process callers wait
 * for the promise of the first. Between processes a lease in the store says who computes; others look again and again
 * until the entry is there, or the lease runs out because its owner died or hangs. What is computed is stored only while the
 * lease still is its owner's, so that neither a late one nor one from before a delete overwrites anything.
 */
export class SingleFlight {
  readonly #entries: CacheEntries;
  readonly #options: SingleFlightOptions;
  readonly #flights = new Flights();

  constructor(entries: CacheEntries, options: SingleFlightOptions) {
    this.#entries = entries;
    this.#options = options;
  }

  async obtain(wanted: Wanted): Promise<Obtained> {
    const { nowMs, leaseMs } = this.#options;
    const givesUpAtMs = nowMs() + LEASES_WAITED_MAX * leaseMs;
    let failures = 0;
    for (let pauses = 0; ; ) {
      const lookedAt = this.#flights.moment();
      const found = await this.#entries.find(wanted.key, wanted.tags, nowMs());
      const ready = this.#ready(wanted, found);
      if (ready !== null) return ready;

      const shared = this.#flights.joinable(wanted.key, { lookedAt, nowMs: nowMs() }, found);
      if (shared !== undefined) {
        try {
          const landed = await this.#untilLate(shared);
          if (landed?.entry != null) return { status: "miss", entry: landed.entry, own: false };
        } catch (error) {
          if (++failures >= FAILURES_SHARED_MAX) throw error;
          continue;
        }
      } else if (this.#isFree(found.lease)) {
        const landed = await this.#lead(wanted, found, wanted.failureMs).result;
        if (landed !== null) return { status: "miss", entry: landed.entry, own: landed.computed };
      }
      if (nowMs() >= givesUpAtMs) {
        // Better twice than never: nobody is to wait for others for ever.
        await wanted.compute(null);
        return { status: "miss", entry: null, own: true };
      }
      await this.#pause(pauses++);
    }
  }

  /** What is there, without computing anything. One request. */
  async peek(wanted: Pick<Wanted, "key" | "tags" | "accepts">): Promise<Obtained | null> {
    const { entry } = await this.#entries.find(wanted.key, wanted.tags, this.#options.nowMs());
    if (entry === null || wanted.accepts?.(entry) === false) return null;
    return { status: this.#statusOf(entry), entry, own: false };
  }

  async delete(key: string, tags?: readonly string[]): Promise<void> {
    try {
      await this.#entries.delete(key, tags);
    } finally {
      this.#flights.forget(key);
    }
  }

  /** Makes all that has one of the tags invalid. */
  invalidate(tags: readonly string[]): Promise<void> {
    return this.#entries.invalidate(tags);
  }

  #ready(wanted: Wanted, found: Found): Obtained | null {
    const { entry } = found;
    if (entry === null || wanted.accepts?.(entry) === false) return null;
    if (wanted.refresh !== false && this.#isDue(entry)) this.#refresh(wanted, found, wanted.refresh);
    return { status: this.#statusOf(entry), entry, own: false };
  }

  #statusOf(entry: CacheEntry): "hit" | "stale" {
    return this.#options.nowMs() < entry.freshUntilMs ? "hit" : "stale";
  }

  /**
   * Whether it is time for a new one: it is stale, or the dice say so, the more likely the nearer its end is and the
   * longer it takes to compute ("Optimal Probabilistic Cache Stampede Prevention", Vattani et al., 2015).
   */
  #isDue({ freshUntilMs, tookMs, failed }: CacheEntry): boolean {
    if (failed) return false;
    const { nowMs, random, earlyRefresh } = this.#options;
    const earlyMs = earlyRefresh === 0 ? 0 : -Math.log(1 - random()) * tookMs * earlyRefresh;
    return nowMs() + earlyMs >= freshUntilMs;
  }

  /** Behind the caller's back, which has a stale entry already; unless somebody does it. */
  #refresh(wanted: Wanted, found: Found, refresh: (() => Promise<unknown>) | undefined): void {
    const { key, waitUntil } = wanted;
    if (this.#flights.has(key, this.#options.nowMs()) || !this.#isFree(found.lease)) return;
    // A failure is not stored: what is stale is better.
    const work = refresh === undefined ? this.#lead(wanted, found, 0).result : refresh();
    const settled = work.catch((error: unknown) => this.#options.onError(error, key));
    waitUntil?.(settled);
  }

  #lead(wanted: Wanted, found: Found, failureMs: number): Flight {
    const { nowMs, leaseMs } = this.#options;
    const progress: { begunAt?: number; owner?: string } = {};
    const flight: Flight = {
      result: this.#compute(wanted, found, failureMs, progress),
      get begunAt() {
        return progress.begunAt;
      },
      get owner() {
        return progress.owner;
      },
      tags: found.tags,
      untilMs: nowMs() + leaseMs,
    };
    if (requestsMayShare) this.#flights.add(wanted.key, flight);
    return flight;
  }

  async #compute(
    wanted: Wanted,
    seen: Found,
    failureMs: number,
    progress: { begunAt?: number; owner?: string },
  ): Promise<Landed | null> {
    const { key, tags, accepts, compute } = wanted;
    const { nowMs, leaseMs } = this.#options;
    let lease: HeldLease | null = null;
    if (this.#entries.hasLeases) {
      lease = await this.#entries.takeLease(key, seen, { nowMs: nowMs(), leaseMs });
      if (lease === null) return null;
      progress.owner = lease.owner;
    }
    // From here on things are read: who asks later must know that nothing was invalidated since.
    progress.begunAt = this.#flights.moment();
    const beganMs = nowMs();
    let found = seen;
    let computed: Computed;
    try {
      if (lease !== null && !seen.absent) found = await this.#entries.find(key, tags, beganMs);
      const { entry } = found;
      if (entry !== null && entry.storedAtMs !== seen.entry?.storedAtMs && accepts?.(entry) !== false) {
        await this.#entries.store({ ...NOTHING, lease });
        return { entry, computed: false };
      }
      computed = await compute(found.entry);
    } catch (error) {
      const payload = error instanceof Error ? error.message : String(error);
      const failure = { payload, failed: true, freshMs: failureMs, staleMs: 0 };
      await this.#store({ content: failure }, { key, lease, tags: found.tags, beganMs });
      throw error;
    }
    return this.#store(computed, { key, lease, tags: found.tags, beganMs });
  }

  /** Gives the lease back in any case. What cannot be stored is no reason to withhold it from those who wait. */
  async #store(
    { content, others = [] }: Computed,
    storing: {
      readonly key: string;
      readonly lease: HeldLease | null;
      readonly tags: Found["tags"];
      readonly beganMs: number;
    },
  ): Promise<Landed> {
    const { key, lease, tags, beganMs } = storing;
    const nowMs = this.#options.nowMs();
    const tookMs = nowMs - beganMs;
    const own = content === null ? [] : [{ key, content }];
    const entries = [...own, ...others].filter(({ content }) => content.freshMs + content.staleMs > 0);
    try {
      await this.#entries.store({ lease, entries, tags, nowMs, tookMs });
    } catch (error) {
      this.#options.onError(error, key);
      const givenBack = this.#entries
        .store({ ...NOTHING, lease })
        .catch((failure) => this.#options.onError(failure, key));
      // Those who have the value already must not wait for a store that is away.
      if (!this.#options.isAway(error)) await givenBack;
    }
    if (content === null) return { entry: null, computed: true };
    return { entry: entryOf(content, { nowMs, tookMs, tags }), computed: true };
  }

  /** By this process's clock: one that is ahead takes a lease over early, and then both compute. */
  #isFree(lease: Lease | null): boolean {
    return lease === null || this.#options.nowMs() >= lease.untilMs;
  }

  /** @returns `null` for one that takes longer than its lease, so that another takes its place */
  #untilLate({ result, untilMs }: Flight): Promise<Landed | null> {
    const { nowMs, timer } = this.#options;
    return within(result, { ms: untilMs - nowMs(), timer, late: () => null });
  }

  #pause(pauses: number): Promise<void> {
    const { random, sleep } = this.#options;
    return sleep(Math.min(POLL_MS_MAX, POLL_MS * 2 ** pauses) * (0.5 + random()));
  }
}

/** Only gives a lease back. */
const NOTHING = { entries: [], tags: new Map<string, never>(), nowMs: 0, tookMs: 0 };
