import { requestsMayShare } from "../shared/batches.js";
import type { RecipeSurroundings } from "../shared/options.js";
import { within } from "../shared/within.js";
import type { CacheEntries, Found, KeyedContent } from "./entries.js";
import { type CacheEntry, type Content, entryOf } from "./entry.js";
import { type Flight, Flights, type Landed } from "./flights.js";
import type { HeldLease, Lease } from "./lease.js";
import { FAILURES_SHARED_MAX, LEASES_WAITED_MAX, POLL_MS, POLL_MS_MAX } from "./limits.js";
import { isInvalidatedSince, type TagVersions } from "./tag-version.js";

/** The result of a computation. */
export interface Computed {
  /**
   * The content for the key. `null`: other callers cannot use it. With no duration it is passed to
   * waiting callers but not stored.
   */
  readonly content: Content | null;
  /** Entries to store together with it. */
  readonly others?: readonly KeyedContent[];
  /** Tags that the computation adds to those of its caller. */
  readonly tags?: readonly string[];
}

/** What a caller asks for, and how to compute it. */
export interface Wanted {
  readonly key: string;
  readonly tags: readonly string[];
  /** @param replaced the entry that is served meanwhile */
  compute(replaced: CacheEntry | null): Promise<Computed>;
  /** How long a failure is cached. */
  readonly failureMs: number;
  /** Whether a found entry is acceptable. @default all entries are */
  readonly accepts?: ((entry: CacheEntry) => boolean) | undefined;
  /**
   * Replaces an entry that was returned as stale, if `compute` cannot be called later.
   * `false`: it cannot be replaced.
   * @default compute
   */
  readonly refresh?: (() => Promise<unknown>) | false | undefined;
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

export interface Obtained {
  readonly status: "hit" | "stale" | "miss";
  readonly entry: CacheEntry | null;
  /** Whether this call computed the value. */
  readonly own: boolean;
}

export interface SingleFlightOptions
  extends Pick<RecipeSurroundings, "nowMs" | "random" | "sleep" | "timer"> {
  readonly leaseMs: number;
  readonly earlyRefresh: number;
  readonly onError: (error: unknown, key: string) => void;
  /** Whether an error means that the store is unavailable. */
  readonly isAway: (error: unknown) => boolean;
}

/**
 * Looks up a value and computes it once if it is missing, for any number of concurrent callers. Within a
 * process callers wait for the promise of the first caller. Between processes a lease in the store decides
 * which process computes. The others poll until the entry exists, or until the lease expires because its
 * owner died or hangs. A result is stored only while the lease still belongs to its owner. So neither a late
 * result nor one from before a delete overwrites anything.
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
        // Computing twice is better than waiting forever.
        await wanted.compute(null);
        return { status: "miss", entry: null, own: true };
      }
      await this.#pause(pauses++);
    }
  }

  /** Looks up without computing. One request. */
  async peek(wanted: Pick<Wanted, "key" | "tags" | "accepts">): Promise<Obtained | null> {
    const { entry } = await this.#entries.find(wanted.key, wanted.tags, this.#options.nowMs());
    if (entry === null || wanted.accepts?.(entry) === false) return null;
    return { status: this.#statusOf(entry), entry, own: false };
  }

  async delete(key: string, tags?: readonly string[]): Promise<void> {
    try {
      await this.#entries.delete(key, this.#options.nowMs(), tags);
    } finally {
      this.#flights.forget(key);
    }
  }

  /** Invalidates all entries with one of the tags. */
  invalidate(tags: readonly string[]): Promise<void> {
    return this.#entries.invalidate(tags, this.#options.nowMs());
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
   * Whether to compute a new value: the entry is stale, or a random choice says so. The probability rises
   * towards the end of freshness and with the computation time ("Optimal Probabilistic Cache Stampede
   * Prevention", Vattani et al., 2015).
   */
  #isDue({ freshUntilMs, tookMs, failed }: CacheEntry): boolean {
    if (failed) return false;
    const { nowMs, random, earlyRefresh } = this.#options;
    const earlyMs = earlyRefresh === 0 ? 0 : -Math.log(1 - random()) * tookMs * earlyRefresh;
    return nowMs() + earlyMs >= freshUntilMs;
  }

  /** Replaces a stale entry in the background, unless another caller is doing that. */
  #refresh(wanted: Wanted, found: Found, refresh: (() => Promise<unknown>) | undefined): void {
    const { key, waitUntil } = wanted;
    if (this.#flights.has(key, this.#options.nowMs()) || !this.#isFree(found.lease)) return;
    // Failures are not stored, because the stale entry is better.
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
    // The computation reads its data from here on. Callers that join later must know of all invalidations
    // since.
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
      await this.#store({ content: failure }, { key, lease, found, beganMs });
      throw error;
    }
    return this.#store(computed, { key, lease, found, beganMs });
  }

  /** Always releases the lease. If storing fails, waiting callers still get the value. */
  async #store(
    { content, others = [], tags: added = [] }: Computed,
    storing: {
      readonly key: string;
      readonly lease: HeldLease | null;
      readonly found: Found;
      readonly beganMs: number;
    },
  ): Promise<Landed> {
    const { key, lease, found, beganMs } = storing;
    const nowMs = this.#options.nowMs();
    const tookMs = nowMs - beganMs;
    const own = content === null ? [] : [{ key, content }];
    let entries = [...own, ...others].filter(({ content }) => content.freshMs + content.staleMs > 0);
    let tags: TagVersions = found.tags;
    try {
      if (entries.length > 0 && added.length > 0) {
        const known = new Map([...found.others, ...found.tags]);
        const unknown = await this.#entries.versions(added, known);
        if ([...unknown.values()].some((version) => isInvalidatedSince(version, beganMs))) entries = [];
        tags = new Map([
          ...found.tags,
          ...added.map((tag) => [tag, unknown.get(tag) ?? known.get(tag) ?? null] as const),
        ]);
      }
      await this.#entries.store({ lease, entries, tags, nowMs, tookMs });
    } catch (error) {
      this.#options.onError(error, key);
      const givenBack = this.#entries
        .store({ ...NOTHING, lease })
        .catch((failure) => this.#options.onError(failure, key));
      // Callers that already have the value must not wait for an unavailable store.
      if (!this.#options.isAway(error)) await givenBack;
    }
    if (content === null) return { entry: null, computed: true };
    return { entry: entryOf(content, { nowMs, tookMs, tags }), computed: true };
  }

  /** Uses this process's clock. If it is ahead, it takes a lease over early, and both processes compute. */
  #isFree(lease: Lease | null): boolean {
    return lease === null || this.#options.nowMs() >= lease.untilMs;
  }

  /** @returns `null` if the computation outlives its lease, so that another one can replace it */
  #untilLate({ result, untilMs }: Flight): Promise<Landed | null> {
    const { nowMs, timer } = this.#options;
    return within(result, { ms: untilMs - nowMs(), timer, late: () => null });
  }

  #pause(pauses: number): Promise<void> {
    const { random, sleep } = this.#options;
    return sleep(Math.min(POLL_MS_MAX, POLL_MS * 2 ** pauses) * (0.5 + random()));
  }
}

/** Stores nothing and only releases the lease. */
const NOTHING = { entries: [], tags: new Map<string, never>(), nowMs: 0, tookMs: 0 };
