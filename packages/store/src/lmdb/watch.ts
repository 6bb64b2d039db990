import type { Change, WatchQuery } from "../store.js";
import { clearInterval, monotonicMs, setInterval } from "../timers.js";
import type { Catalog } from "./catalog.js";
import { CATALOG_CHANGES, type LoggedChange, readChanges } from "./change-log.js";
import { WATCH_PAGE_CHANGES, WATCH_PASSED_MS, WATCH_POLL_MS } from "./limits.js";
import { readMeta } from "./meta.js";
import { notFoundError } from "./namespace-table.js";
import { type Sleeper, Sleepers } from "./sleepers.js";
import type { Snapshots } from "./snapshot.js";
import type { Tables } from "./tables.js";

/** The parts of an environment that watchers read. */
export interface WatchedEnvironment {
  readonly tables: Tables;
  readonly catalog: Catalog;
  readonly snapshots: Snapshots;
}

interface Place {
  readonly id: string;
  readonly namespace: number;
  readonly prefix: string;
}

/**
 * Wakes watchers. A watcher keeps only its position in the change log and reads on from there at its own
 * pace, so a slow one holds no memory. It has fallen behind when the log has dropped its position. While
 * watchers sleep, a single reader follows the log for all of them and wakes those that a change matches.
 */
export class Watchers {
  readonly #tables: Tables;
  readonly #catalog: Catalog;
  readonly #snapshots: Snapshots;
  readonly #guard: () => void;
  readonly #sleepers = new Sleepers();
  #poll: NodeJS.Timeout | null = null;
  /** No change up to this version concerns a sleeping watcher. */
  #seen = 0;
  /** The time and the version of the last progress report to sleepers. */
  #passedMs = 0;
  #passed = 0;

  /** `guard` throws when the store is closed. */
  constructor({ tables, catalog, snapshots }: WatchedEnvironment, guard: () => void) {
    this.#tables = tables;
    this.#catalog = catalog;
    this.#snapshots = snapshots;
    this.#guard = guard;
  }

  /** Called after each commit of this process. Wakes the watchers that wait for its changes. */
  committed(): void {
    if (this.#sleepers.size > 0) this.#follow();
  }

  /** Called when the store closes. */
  wakeAll(): void {
    for (const sleeper of [...this.#sleepers]) this.#wake(sleeper);
  }

  watch(id: string, query: WatchQuery): AsyncIterable<Change> {
    this.#guard();
    const namespace = this.#catalog.numberOf(id);
    // A watch starts here, not at the first `next()`, so that it includes what is written in between.
    const since = query.since ?? this.version();
    const place = { id, namespace, prefix: query.prefix ?? "" };
    return { [Symbol.asyncIterator]: () => this.#changes(place, { ...query, since }) };
  }

  /** The newest version. */
  version(): number {
    this.#guard();
    return readMeta(this.#tables.meta, "lastVersion");
  }

  async *#changes(
    place: Place,
    { since, signal, onPassed }: WatchQuery & { readonly since: number },
  ): AsyncGenerator<Change> {
    const { id, namespace, prefix } = place;
    const matches = (change: LoggedChange) => change.namespace === namespace && change.key.startsWith(prefix);
    for (let after = since; signal?.aborted !== true; ) {
      this.#guard();
      // The namespace may be gone, and another one may have taken its id since.
      if (this.#catalog.get(id)?.number !== namespace) throw notFoundError(id);
      const page = readChanges(this.#tables, {
        since: after,
        limit: WATCH_PAGE_CHANGES,
        wanted: (number) => number === namespace,
      });
      const matching = page.changes.filter(matches);
      for (const [at, { type, key, version }] of matching.entries()) {
        // A page ends with a whole transaction, so a version never continues on the next page.
        const more = matching[at + 1]?.version === version;
        yield more ? { type, key, version, more } : { type, key, version };
        if (signal?.aborted) return;
      }
      if (page.until !== after) {
        onPassed?.(page.until);
        after = page.until;
      } else {
        after = await this.#sleep(after, place, { signal, onPassed });
      }
    }
  }

  /** Waits until there may be a change to deliver. Resolves with the version to read on from. */
  #sleep(
    after: number,
    { namespace, prefix }: Place,
    { signal, onPassed }: Pick<WatchQuery, "signal" | "onPassed">,
  ): Promise<number> {
    // Brings the watchers that are already asleep to the same position as this one.
    if (this.#sleepers.size > 0) this.#follow();
    else this.#seen = after;
    if (this.#seen !== after) return Promise.resolve(after);
    return new Promise((resolve) => {
      const abort = () => this.#wake(sleeper);
      const sleeper: Sleeper = {
        namespace,
        prefix,
        resume: (from) => {
          signal?.removeEventListener("abort", abort);
          resolve(from);
        },
        ...(onPassed && { passed: onPassed }),
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#sleepers.add(sleeper);
      // Other processes send no notice of their writes, so poll while a watcher waits.
      this.#poll ??= setInterval(() => this.#look(), WATCH_POLL_MS);
    });
  }

  #look(): void {
    try {
      this.#snapshots.renew();
      if (readMeta(this.#tables.meta, "lastVersion") !== this.#seen) this.#follow();
    } catch {
      // An error in a timer would be uncaught. Each watcher meets the error itself when it wakes.
      this.wakeAll();
    }
    const nowMs = monotonicMs();
    if (this.#passed === this.#seen || nowMs - this.#passedMs < WATCH_PASSED_MS) return;
    this.#passedMs = nowMs;
    this.#passed = this.#seen;
    for (const { passed } of this.#sleepers) passed?.(this.#seen);
  }

  /** Reads the log to its end and wakes the watchers that its changes concern. */
  #follow(): void {
    try {
      this.#snapshots.renew();
      while (this.#sleepers.size > 0) {
        const { changes, until } = readChanges(this.#tables, {
          since: this.#seen,
          limit: WATCH_PAGE_CHANGES,
          wanted: (namespace) => this.#sleepers.awaits(namespace),
        });
        for (const change of changes) this.#tell(change);
        if (until === this.#seen) return;
        this.#seen = until;
      }
    } catch {
      // The log cannot be read on from here. Each watcher meets the error itself when it wakes.
      this.wakeAll();
    }
  }

  #tell(change: LoggedChange): void {
    // The next lookup of the namespace must not use the cached record.
    if (change.namespace === CATALOG_CHANGES) this.#catalog.recheck();
    for (const sleeper of this.#sleepers.awaiting(change)) this.#wake(sleeper);
  }

  #wake(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper);
    if (this.#sleepers.size === 0 && this.#poll !== null) {
      clearInterval(this.#poll);
      this.#poll = null;
    }
    sleeper.resume(this.#seen);
  }
}
