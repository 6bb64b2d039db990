import type { KvChange, KvWatchOptions, MaybePromise, NamespaceBackend } from "@kvasir/client/namespace";
import { Namespace } from "./namespace.js";

type Operation = (...args: unknown[]) => unknown;

/** A namespace that its first operation finds or creates. If that fails, the next operation tries again. */
export function lazyNamespace(find: () => Promise<Namespace>): NamespaceBackend {
  // The operations that the class does not write out are added to its prototype.
  return new LazyNamespace(find) as unknown as NamespaceBackend;
}

class LazyNamespace {
  readonly #find: () => Promise<Namespace>;
  #namespace: Namespace | undefined;
  #finding: Promise<Namespace> | undefined;

  constructor(find: () => Promise<Namespace>) {
    this.#find = find;
  }

  // Written out, because it is the one operation that costs less than to collect its arguments.
  get(key: string, cacheTtl?: number): ReturnType<Namespace["get"]> {
    if (this.#namespace === undefined) return this.#first(key, cacheTtl);
    return this.#namespace.get(key, cacheTtl);
  }

  // Written out, because it returns an iterable and not a promise.
  watch(query: KvWatchOptions): AsyncIterable<KvChange> {
    return this.#namespace === undefined ? this.#watchFirst(query) : this.#namespace.watch(query);
  }

  static {
    for (const name of Object.getOwnPropertyNames(Namespace.prototype)) {
      if (name in LazyNamespace.prototype) continue;
      Object.defineProperty(LazyNamespace.prototype, name, {
        value(this: LazyNamespace, ...args: unknown[]): Promise<unknown> {
          return this.#use((namespace) =>
            (namespace as unknown as Record<string, Operation>)[name]?.apply(namespace, args),
          );
        },
      });
    }
  }

  /** Calls on at once where the namespace is known: a write then starts within the caller's own call. */
  async #use<T>(operation: (namespace: Namespace) => T | Promise<T>): Promise<T> {
    return operation(this.#namespace ?? (await this.#ready()));
  }

  async #first(key: string, cacheTtl: number | undefined): Promise<Awaited<ReturnType<Namespace["get"]>>> {
    return (await this.#ready()).get(key, cacheTtl);
  }

  async *#watchFirst(query: KvWatchOptions): AsyncGenerator<KvChange, void> {
    yield* (await this.#ready()).watch(query);
  }

  #ready(): MaybePromise<Namespace> {
    if (this.#namespace !== undefined) return this.#namespace;
    this.#finding ??= this.#find()
      .then((namespace) => {
        this.#namespace = namespace;
        return namespace;
      })
      .finally(() => {
        this.#finding = undefined;
      });
    return this.#finding;
  }
}
