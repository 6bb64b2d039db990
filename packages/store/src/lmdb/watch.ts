import type { Change, WatchQuery } from "../store.js";
import { type Catalog, notFoundError } from "./catalog.js";
import { readChanges } from "./change-log.js";
import { WATCH_PAGE_CHANGES, WATCH_POLL_MS } from "./limits.js";
import { readMeta } from "./meta.js";
import type { Tables } from "./tables.js";

/**
 * Wakes watchers. A watcher keeps nothing but its place in the change log and reads on from there at its own pace,
 * so a slow one holds no memory; it has fallen behind when the log has forgotten its place.
 */
export class Watchers {
  readonly #tables: Tables;
  readonly #catalog: Catalog;
  readonly #guard: () => void;
  readonly #sleeping = new Set<() => void>();
  #poll: NodeJS.Timeout | null = null;
  #seen = 0;

  /** `guard` throws when the store is closed. */
  constructor(tables: Tables, catalog: Catalog, guard: () => void) {
    this.#tables = tables;
    this.#catalog = catalog;
    this.#guard = guard;
  }

  /** Called after each commit of this process, and when the store closes. */
  wake(): void {
    const sleeping = [...this.#sleeping];
    this.#sleeping.clear();
    this.#stopPolling();
    for (const resume of sleeping) resume();
  }

  watch(id: string, query: WatchQuery): AsyncIterable<Change> {
    this.#guard();
    const number = this.#catalog.numberOf(id);
    // From now on, not from the first `next()`: what is written in between belongs to the watcher.
    const since = query.since ?? this.version();
    return { [Symbol.asyncIterator]: () => this.#changes(id, number, { ...query, since }) };
  }

  /** The newest one. */
  version(): number {
    this.#guard();
    return readMeta(this.#tables.meta, "lastVersion");
  }

  async *#changes(
    id: string,
    number: number,
    { since, prefix = "", signal, onPassed }: WatchQuery & { readonly since: number },
  ): AsyncGenerator<Change> {
    for (let after = since; signal?.aborted !== true; ) {
      this.#guard();
      // Not only gone: another one may have taken its id since.
      if (this.#catalog.get(id)?.number !== number) throw notFoundError(id);
      const page = readChanges(this.#tables, after, WATCH_PAGE_CHANGES);
      const matching = page.changes.filter(
        (change) => change.namespace === number && change.key.startsWith(prefix),
      );
      for (const [at, { type, key, version }] of matching.entries()) {
        // A page ends with a whole transaction, so a version never goes on in the next one.
        const more = matching[at + 1]?.version === version;
        yield more ? { type, key, version, more } : { type, key, version };
        if (signal?.aborted) return;
      }
      if (page.until === after) await this.#sleep(after, signal);
      else onPassed?.(page.until);
      after = page.until;
    }
  }

  /** Until there may be something after `version`. */
  #sleep(version: number, signal: AbortSignal | undefined): Promise<void> {
    // Who sleeps already has not seen what this one has.
    if (version !== this.#seen) this.wake();
    this.#seen = version;
    return new Promise((resolve) => {
      const resume = () => {
        signal?.removeEventListener("abort", resume);
        this.#sleeping.delete(resume);
        if (this.#sleeping.size === 0) this.#stopPolling();
        resolve();
      };
      signal?.addEventListener("abort", resume, { once: true });
      this.#sleeping.add(resume);
      // Other processes tell nobody: look, but only while somebody waits.
      this.#poll ??= setInterval(() => {
        if (readMeta(this.#tables.meta, "lastVersion") !== this.#seen) this.wake();
      }, WATCH_POLL_MS);
    });
  }

  #stopPolling(): void {
    if (this.#poll !== null) clearInterval(this.#poll);
    this.#poll = null;
  }
}
