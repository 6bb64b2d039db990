import type {
  AtomicCheck,
  AtomicMutation,
  BulkQuery,
  Expiring,
  ListQuery,
  PutQuery,
  Transport,
} from "@kvasir/client";
import type { CachedReads } from "./cached-reads.js";

/** A transport whose writes the isolate's cached reads see at once. */
export class CacheInvalidation implements Transport {
  readonly #inner: Transport;
  readonly #cache: CachedReads;

  constructor(inner: Transport, cache: CachedReads) {
    this.#inner = inner;
    this.#cache = cache;
  }

  get(key: string, cacheTtl: number | undefined) {
    return this.#inner.get(key, cacheTtl);
  }

  getBulk(keys: readonly string[], query: BulkQuery) {
    return this.#inner.getBulk(keys, query);
  }

  list(query: ListQuery) {
    return this.#inner.list(query);
  }

  count(query: Parameters<Transport["count"]>[0]) {
    return this.#inner.count(query);
  }

  position() {
    return this.#inner.position();
  }

  watch(query: Parameters<Transport["watch"]>[0]) {
    return this.#inner.watch(query);
  }

  put(key: string, value: Parameters<Transport["put"]>[1], query: PutQuery) {
    return this.#cache.writing({ key }, () => this.#inner.put(key, value, query));
  }

  delete(key: string, ifVersion: number | undefined) {
    return this.#cache.writing({ key }, () => this.#inner.delete(key, ifVersion));
  }

  increment(key: string, by: number, expirationTtl: number | undefined) {
    return this.#cache.writing({ key }, () => this.#inner.increment(key, by, expirationTtl));
  }

  touch(key: string, expiry: Expiring) {
    return this.#cache.writing({ key }, () => this.#inner.touch(key, expiry));
  }

  atomic(checks: readonly AtomicCheck[], mutations: readonly AtomicMutation[]) {
    const keys = mutations.map(({ key }) => key);
    return this.#cache.writing({ keys }, () => this.#inner.atomic(checks, mutations));
  }

  deletePrefix(prefix: string, options: Parameters<Transport["deletePrefix"]>[1]) {
    return this.#cache.writing({ prefix }, () => this.#inner.deletePrefix(prefix, options));
  }
}
