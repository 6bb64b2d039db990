import { Atomic } from "./atomic.js";
import type { NamespaceBackend, StoredEntry } from "./backend.js";
import { bulkResult } from "./bulk.js";
import { text } from "./coerce.js";
import { failure } from "./failure.js";
import { keyName } from "./keys.js";
import type {
  KVNamespace,
  KVNamespaceListResult,
  KvAtomic,
  KvChange,
  KvWatchOptions,
  KvWriteResult,
} from "./kv-namespace.js";
import { listResult } from "./list.js";
import {
  COUNT_OPTIONS,
  DELETE_PREFIX_OPTIONS,
  INCREMENT_OPTIONS,
  LIST_OPTIONS,
  notOptions,
  PUT_OPTIONS,
  parseOptions,
  TOUCH_OPTIONS,
} from "./options.js";
import { putValue } from "./put-value.js";
import { decode, metadataOf, type ReadOptions, readOptions } from "./read.js";
import { watching } from "./watching.js";

/**
 * The public KVNamespace object over a backend.
 *
 * Methods need their object, as Workers KV's native ones do: a detached `const { get } = kv` rejects with a
 * `TypeError`. Every argument problem is a rejection, never a synchronous throw.
 */
export function kvNamespace<Key extends string = string>(backend: NamespaceBackend): KVNamespace<Key> {
  // The class has one loosely typed signature for each family of overloads; the interface has them all.
  return new KvNamespace(backend) as unknown as KVNamespace<Key>;
}

/** The names of a namespace's methods, Workers KV's and Kvasir's. */
export function namespaceMethods(): string[] {
  return Object.getOwnPropertyNames(KvNamespace.prototype).filter((name) => name !== "constructor");
}

class KvNamespace {
  readonly #backend: NamespaceBackend;

  constructor(backend: NamespaceBackend) {
    this.#backend = backend;
  }

  async get(...args: unknown[]): Promise<unknown> {
    // A missing argument is an error, an explicit `undefined` is the key "undefined".
    if (args.length === 0) throw wrongArgument("get", 1, "string or Array");
    const key = args[0];
    const options = args[1];
    if (Array.isArray(key)) return this.#getBulk(key, options, false);
    const read = readOptions(options);
    try {
      const found = this.#read(key, read);
      const entry = found instanceof Promise ? await found : found;
      if (entry === null) return null;
      const value = decode(entry, read.type);
      return value instanceof Promise ? await value : value;
    } catch (error) {
      throw failure("GET", error);
    }
  }

  async list(options?: unknown): Promise<KVNamespaceListResult<unknown>> {
    const { limit, ...range } = parseOptions(
      options,
      LIST_OPTIONS,
      "Failed to execute 'list' on 'KvNamespace': parameter 1 is not of type 'ListOptions'.",
    );
    // 0 and less count as "not given", as in the native binding.
    const query = { ...range, limit: limit !== undefined && limit > 0 ? limit : undefined };
    try {
      return listResult(await this.#backend.list(query));
    } catch (error) {
      throw failure("GET", error);
    }
  }

  // `undefined` as Workers KV without a condition, the outcome with one.
  async put(...args: unknown[]): Promise<KvWriteResult | undefined> {
    if (args.length === 0) throw wrongArgument("put", 1, "string");
    if (args.length === 1) throw wrongArgument("put", 2, "string or Object");
    const [key, value, options] = args;
    const query = parseOptions(
      options,
      PUT_OPTIONS,
      "Failed to execute 'put' on 'KvNamespace': parameter 3 is not of type 'PutOptions'.",
    );
    try {
      const { ok, version } = await this.#backend.put(keyName(key), putValue(value), query);
      return query.ifAbsent || query.ifVersion !== undefined ? { ok, version } : undefined;
    } catch (error) {
      throw failure("PUT", error);
    }
  }

  async getWithMetadata(...args: unknown[]): Promise<unknown> {
    if (args.length === 0) throw wrongArgument("getWithMetadata", 1, "Array or string");
    const [key, options] = args;
    if (Array.isArray(key)) return this.#getBulk(key, options, true);
    const read = readOptions(options);
    try {
      const entry = await this.#read(key, read);
      if (entry === null) {
        const missing = { value: null, metadata: null, cacheStatus: null };
        return read.version ? { ...missing, version: null } : missing;
      }
      // First, for once the value is a stream nobody could let go of it.
      const metadata = metadataOf(entry);
      const value = await decode(entry, read.type);
      const result = { value, metadata, cacheStatus: entry.cacheStatus };
      return read.version ? { ...result, version: entry.version } : result;
    } catch (error) {
      throw failure("GET", error);
    }
  }

  async delete(...args: unknown[]): Promise<KvWriteResult | undefined> {
    if (args.length === 0) throw wrongArgument("delete", 1, "string");
    const [key, options] = args;
    // The native delete takes one argument and ignores others: `keys.map(kv.delete, kv)` passes an index.
    const { ifVersion } = (options ?? {}) as { ifVersion?: number };
    try {
      const { ok, version } = await this.#backend.delete(keyName(key), { ifVersion });
      return ifVersion === undefined ? undefined : { ok, version };
    } catch (error) {
      throw failure("DELETE", error);
    }
  }

  async increment(key: unknown, by: unknown = 1, options?: unknown): Promise<number> {
    const query = parseOptions(options, INCREMENT_OPTIONS, notOptions("increment"));
    try {
      // Not coerced: the backend refuses what is not a safe integer.
      return (await this.#backend.increment(keyName(key), by as number, query)).value;
    } catch (error) {
      throw failure("INCREMENT", error);
    }
  }

  async touch(key: unknown, options?: unknown): Promise<KvWriteResult> {
    const expiry = parseOptions(options, TOUCH_OPTIONS, notOptions("touch"));
    try {
      const { ok, version } = await this.#backend.touch(keyName(key), expiry);
      return { ok, version };
    } catch (error) {
      throw failure("TOUCH", error);
    }
  }

  atomic(): KvAtomic {
    return new Atomic(this.#backend);
  }

  async count(options?: unknown): Promise<number> {
    const query = parseOptions(options, COUNT_OPTIONS, notOptions("count"));
    try {
      return await this.#backend.count(query);
    } catch (error) {
      throw failure("COUNT", error);
    }
  }

  async deletePrefix(prefix: unknown, options?: unknown): Promise<number> {
    if (typeof prefix !== "string") throw new TypeError("deletePrefix() takes a prefix that is a string");
    const query = parseOptions(options, DELETE_PREFIX_OPTIONS, notOptions("deletePrefix"));
    try {
      return await this.#backend.deletePrefix(prefix, query);
    } catch (error) {
      throw failure("DELETE", error);
    }
  }

  async position(): Promise<string> {
    try {
      return await this.#backend.position();
    } catch (error) {
      throw failure("GET", error);
    }
  }

  watch(options: KvWatchOptions = {}): AsyncIterable<KvChange> {
    try {
      return watching((signal) => this.#backend.watch({ ...options, signal }), options);
    } catch (error) {
      return watching(() => rejected(error), options);
    }
  }

  #read(key: unknown, { cacheTtl }: ReadOptions): StoredEntry | null | Promise<StoredEntry | null> {
    return this.#backend.get(keyName(key), cacheTtl);
  }

  async #getBulk(
    keys: readonly unknown[],
    options: unknown,
    withMetadata: boolean,
  ): Promise<Map<string, unknown>> {
    const { type, cacheTtl } = readOptions(options);
    // No check of the keys here: the native binding leaves that to the backend.
    const names = Array.from(keys, text);
    try {
      return bulkResult(
        names,
        await this.#backend.getBulk(names, { type, withMetadata, cacheTtl }),
        withMetadata,
      );
    } catch (error) {
      throw failure("GET_BULK", error);
    }
  }

  get [Symbol.toStringTag](): string {
    return "KvNamespace";
  }
}

// biome-ignore lint/correctness/useYield: it only fails
async function* rejected(error: unknown): AsyncGenerator<never, void> {
  throw error;
}

function wrongArgument(method: string, position: number, type: string): TypeError {
  return new TypeError(
    `Failed to execute '${method}' on 'KvNamespace': parameter ${position} is not of type '${type}'.`,
  );
}
