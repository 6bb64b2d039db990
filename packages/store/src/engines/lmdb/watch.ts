import type { Change, Position, WatchQuery } from "../../store/changes.js";
import { notFoundError } from "../../store/errors.js";
import { clearInterval, monotonicMs, setInterval } from "../../store/timers.js";
import type { Catalog } from "./catalog.js";
import { CATALOG_CHANGES, type LoggedChange, readChanges } from "./change-log.js";
import { WATCH_PAGE_CHANGES, WATCH_PASSED_MS, WATCH_POLL_MS } from "./limits.js";
import { readMeta } from "./meta.js";
import { NamespaceIds } from "./namespace-ids.js";
import { type Place, parsePosition, positionOf } from "./positions.js";
import { type Sleeper, Sleepers } from "./sleepers.js";
import type { Snapshots } from "./snapshot.js";
import type { Tables } from "./tables.js";
import { toldChanges } from "./told-changes.js";

/** The part of an environment that watchers read. */
export interface WatchedEnvironment {
  readonly tables: Tables;
  readonly catalog: Catalog;
  readonly snapshots: Snapshots;
}

/** What a watch is about. */
interface Feed {
  /** `null`: all namespaces. */
  readonly namespace: { readonly id: string; readonly number: number } | null;
  readonly prefix: string;
}

/**
 * Watches of the change log. A watch keeps nothing but its place in the log and reads on from there at its
 * own pace, so a slow reader holds no memory. It has fallen behind when the log no longer has its place.
 * While watches sleep, one reader follows the log for all of them and wakes those that a change matches.
 */
export class Watchers {
  readonly #tables: Tables;
  readonly #catalog: Catalog;
  readonly #snapshots: Snapshots;
  readonly #guard: () => void;
  readonly #ids: NamespaceIds;
  readonly #sleepers = new Sleepers();
  #poll: NodeJS.Timeout | null = null;
  /** No change up to this version matches a watch that sleeps. */
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
    this.#ids = new NamespaceIds(tables);
  }

  /** Called after each commit of this process: wakes the watches that its changes match. */
  committed(): void {
    if (this.#sleepers.size > 0) this.#follow();
  }

  /** Called when the store closes. */
  wakeAll(): void {
    for (const sleeper of [...this.#sleepers]) this.#wake(sleeper);
  }

  watch(query: WatchQuery): AsyncIterable<Change> {
    this.#guard();
    const { namespace: id, prefix = "", since } = query;
    const namespace = id === undefined ? null : { id, number: this.#catalog.numberOf(id) };
    // From now on, not from the first `next()`: the watch is told what is written in between.
    const start = parsePosition(since ?? this.position());
    return { [Symbol.asyncIterator]: () => this.#changes({ namespace, prefix }, start, query) };
  }

  /** The newest position. */
  position(): Position {
    this.#guard();
    this.#snapshots.renew();
    return positionOf(readMeta(this.#tables.meta, "lastVersion"));
  }

  async *#changes(feed: Feed, start: Place, { signal, onPassed }: WatchQuery): AsyncGenerator<Change> {
    const passed = onPassed && ((version: number) => onPassed(positionOf(version)));
    const { namespace, prefix } = feed;
    const wanted = (number: number) =>
      namespace === null ? number !== CATALOG_CHANGES : number === namespace.number;
    const idOf = (number: number) => (namespace === null ? this.#idOf(number) : {});
    for (let after = start.told === null ? start.version : start.version - 1; !signal?.aborted; ) {
      this.#guard();
      this.#assertThere(feed);
      const page = readChanges(this.#tables, { since: after, limit: WATCH_PAGE_CHANGES, wanted });
      for (const change of toldChanges(page.changes, { prefix, start, idOf })) {
        yield change;
        if (signal?.aborted) return;
      }
      if (page.until !== after) {
        passed?.(page.until);
        after = page.until;
      } else {
        after = await this.#sleep(after, feed, { signal, passed });
      }
    }
  }

  /** Also takes a new snapshot. */
  #assertThere({ namespace }: Feed): void {
    if (namespace === null) {
      this.#snapshots.renew();
      return;
    }
    const { id, number } = namespace;
    // A new namespace may have taken the id since.
    if (this.#catalog.get(id)?.number !== number) throw notFoundError(id);
  }

  #idOf(number: number): { readonly namespace: string } | null {
    const namespace = this.#ids.idOf(number);
    return namespace === null ? null : { namespace };
  }

  /** Resolves when there may be a change to tell, with the version to read on from. */
  #sleep(
    after: number,
    { namespace, prefix }: Feed,
    options: { readonly signal: AbortSignal | undefined; readonly passed: Sleeper["passed"] },
  ): Promise<number> {
    // Brings the watches that sleep already to the place of this one.
    if (this.#sleepers.size > 0) this.#follow();
    else this.#seen = this.#passed = after;
    if (this.#seen !== after) return Promise.resolve(after);
    return new Promise((resolve) => {
      const { signal, passed } = options;
      const abort = () => this.#wake(sleeper);
      const sleeper: Sleeper = {
        namespace: namespace?.number ?? null,
        prefix,
        resume: (from) => {
          signal?.removeEventListener("abort", abort);
          resolve(from);
        },
        ...(passed && { passed }),
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#sleepers.add(sleeper);
      // Commits of other processes send no signal: look for them, but only while a watch waits.
      this.#poll ??= setInterval(() => this.#look(), WATCH_POLL_MS);
    });
  }

  #look(): void {
    try {
      this.#snapshots.renew();
      if (readMeta(this.#tables.meta, "lastVersion") !== this.#seen) this.#follow();
    } catch {
      // Nothing catches what a timer throws. Each watch finds the reason by itself.
      this.wakeAll();
    }
    const nowMs = monotonicMs();
    if (this.#passed === this.#seen || nowMs - this.#passedMs < WATCH_PASSED_MS) return;
    this.#passedMs = nowMs;
    this.#passed = this.#seen;
    for (const { passed } of this.#sleepers) passed?.(this.#seen);
  }

  /** Reads the log to its end and wakes the watches that its changes match. */
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
      // The log cannot be read on from here. Each watch finds the reason by itself.
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
