import { CATALOG_CHANGES, type LoggedChange } from "./change-log.js";

/** A watch that has told everything and waits for more. */
export interface Sleeper {
  /** `null`: all of them. */
  readonly namespace: number | null;
  readonly prefix: string;
  /** No change that it waits for has happened up to version `from`. */
  resume(from: number): void;
  /** Called now and then with a version up to which no change that it waits for has happened. */
  readonly passed?: ((version: number) => void) | undefined;
}

/**
 * The sleeping watchers, indexed by what they wait for, so that the cost of a change depends only on the
 * watchers that it wakes.
 */
export class Sleepers {
  readonly #namespaces = new Map<number | null, PrefixIndex>();
  readonly #all = new Set<Sleeper>();

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Sleeper> {
    return this.#all[Symbol.iterator]();
  }

  add(sleeper: Sleeper): void {
    this.#all.add(sleeper);
    const index = this.#namespaces.get(sleeper.namespace) ?? new PrefixIndex();
    this.#namespaces.set(sleeper.namespace, index);
    index.add(sleeper);
  }

  delete(sleeper: Sleeper): void {
    if (!this.#all.delete(sleeper)) return;
    const index = this.#namespaces.get(sleeper.namespace);
    if (index?.delete(sleeper) === 0) this.#namespaces.delete(sleeper.namespace);
  }

  /** Whether a change of this namespace can wake a sleeper. */
  awaits(namespace: number): boolean {
    return namespace === CATALOG_CHANGES || this.#namespaces.has(namespace) || this.#namespaces.has(null);
  }

  /** The watches that wait for this change: of its key, or of any key of a namespace that was deleted. */
  awaiting({ namespace, key }: LoggedChange): Iterable<Sleeper> {
    if (namespace === CATALOG_CHANGES) return this.#namespaces.get(Number(key))?.all() ?? [];
    return [namespace, null].flatMap((watched) => this.#namespaces.get(watched)?.matching(key) ?? []);
  }
}

/**
 * The sleepers of one namespace by prefix. Prefixes have few different lengths, so a key is looked up once
 * per length.
 */
class PrefixIndex {
  readonly #prefixes = new Map<string, Set<Sleeper>>();
  /** The number of prefixes of each length. */
  readonly #lengths = new Map<number, number>();

  add(sleeper: Sleeper): void {
    const { prefix } = sleeper;
    const found = this.#prefixes.get(prefix);
    if (found !== undefined) {
      found.add(sleeper);
      return;
    }
    this.#prefixes.set(prefix, new Set([sleeper]));
    this.#lengths.set(prefix.length, (this.#lengths.get(prefix.length) ?? 0) + 1);
  }

  /** Returns how many prefixes are left. */
  delete(sleeper: Sleeper): number {
    const { prefix } = sleeper;
    const found = this.#prefixes.get(prefix);
    found?.delete(sleeper);
    if (found?.size === 0) {
      this.#prefixes.delete(prefix);
      const left = (this.#lengths.get(prefix.length) ?? 1) - 1;
      if (left === 0) this.#lengths.delete(prefix.length);
      else this.#lengths.set(prefix.length, left);
    }
    return this.#prefixes.size;
  }

  all(): readonly Sleeper[] {
    return [...this.#prefixes.values()].flatMap((sleepers) => [...sleepers]);
  }

  matching(key: string): readonly Sleeper[] {
    const matching: Sleeper[] = [];
    for (const length of this.#lengths.keys()) {
      if (length > key.length) continue;
      const sleepers = this.#prefixes.get(key.slice(0, length));
      if (sleepers !== undefined) matching.push(...sleepers);
    }
    return matching;
  }
}
