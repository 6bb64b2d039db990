import { Atomic } from "./atomic.js";
import { bulkResult } from "./bulk.js";
import { dictionary, optionalInt32, optionalText, text } from "./coerce.js";
import { failure } from "./failure.js";
import { incrementBy } from "./increment.js";
import { checkWellFormed, keyName } from "./keys.js";
import type {
  KVNamespace,
  KVNamespaceListResult,
  KvAtomic,
  KvChange,
  KvWatchOptions,
  KvWriteResult,
} from "./kv-namespace.js";
import { listResult } from "./list.js";
import { metadataText } from "./metadata.js";
import { putValue } from "./put-value.js";
import { decode, metadataOf, type ReadOptions, readOptions } from "./read.js";
import type { StoredEntry, Transport } from "./transport.js";
import { versionArgument } from "./version.js";
import { watching } from "./watching.js";

/**
 * The public KVNamespace object over a transport.
 *
 * Methods need their object, as Workers KV's native ones do: a detached `const { get } = kv` rejects with a
 * `TypeError`. Every argument problem is a rejection, never a synchronous throw.
 */
export function kvNamespace<Key extends string = string>(transport: Transport): KVNamespace<Key> {
  // The class has one loosely typed signature for each family of overloads; the interface has them all.
  return new KvNamespace(transport) as unknown as KVNamespace<Key>;
}

class KvNamespace {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
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
    const given = dictionary(
      options,
      "Failed to execute 'list' on 'KvNamespace': parameter 1 is not of type 'ListOptions'.",
    );
    const limit = optionalInt32(given["limit"]);
    const query = {
      prefix: optionalText(given["prefix"]),
      // 0 and less count as "not given", as in the native binding.
      limit: limit !== undefined && limit > 0 ? limit : undefined,
      cursor: optionalText(given["cursor"]),
      values: given["values"] === true,
      versions: given["versions"] === true,
      reverse: given["reverse"] === true,
      start: optionalText(given["start"]),
      end: optionalText(given["end"]),
    };
    try {
      for (const bound of [query.prefix, query.start, query.end]) checkWellFormed(bound);
      return listResult(await this.#transport.list(query));
    } catch (error) {
      throw failure("GET", error);
    }
  }

  // `undefined` as Workers KV without a condition, the outcome with one.
  async put(...args: unknown[]): Promise<KvWriteResult | undefined> {
    if (args.length === 0) throw wrongArgument("put", 1, "string");
    if (args.length === 1) throw wrongArgument("put", 2, "string or Object");
    const [key, value, options] = args;
    const given = dictionary(
      options,
      "Failed to execute 'put' on 'KvNamespace': parameter 3 is not of type 'PutOptions'.",
    );
    const plain = {
      expiration: optionalInt32(given["expiration"]),
      expirationTtl: optionalInt32(given["expirationTtl"]),
      metadata: metadataText(given["metadata"]),
    };
    const { ifAbsent, ifVersion } = given;
    try {
      const name = keyName(key);
      const stored = putValue(value);
      if (ifAbsent !== true && ifVersion === undefined) {
        await this.#transport.put(name, stored, plain);
        return undefined;
      }
      const { ok, version } = await this.#transport.put(name, stored, {
        ...plain,
        ifAbsent: ifAbsent === true,
        ifVersion: ifVersion === undefined ? undefined : versionArgument(ifVersion),
      });
      return { ok, version };
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
    const ifVersion = (options as { ifVersion?: unknown } | null | undefined)?.ifVersion;
    try {
      const name = keyName(key);
      if (ifVersion === undefined) {
        await this.#transport.delete(name, undefined);
        return undefined;
      }
      const { ok, version } = await this.#transport.delete(name, versionArgument(ifVersion));
      return { ok, version };
    } catch (error) {
      throw failure("DELETE", error);
    }
  }

  async increment(key: unknown, by: unknown = 1, options?: unknown): Promise<number> {
    const given = dictionary(options, "increment() takes an object of options");
    const ttl = optionalInt32(given["expirationTtl"]);
    try {
      return await this.#transport.increment(keyName(key), incrementBy(by), ttl);
    } catch (error) {
      throw failure("INCREMENT", error);
    }
  }

  async touch(key: unknown, options?: unknown): Promise<KvWriteResult> {
    const given = dictionary(options, "touch() takes an object of options");
    const expiry = {
      expiration: optionalInt32(given["expiration"]),
      expirationTtl: optionalInt32(given["expirationTtl"]),
    };
    try {
      const touched = await this.#transport.touch(keyName(key), expiry);
      return { ok: touched.ok, version: touched.version };
    } catch (error) {
      throw failure("TOUCH", error);
    }
  }

  atomic(): KvAtomic {
    return new Atomic(this.#transport);
  }

  async count(options?: unknown): Promise<number> {
    const prefix = optionalText(dictionary(options, "count() takes an object of options")["prefix"]);
    try {
      checkWellFormed(prefix);
      return await this.#transport.count({ prefix });
    } catch (error) {
      throw failure("COUNT", error);
    }
  }

  async deletePrefix(prefix: unknown, options?: unknown): Promise<number> {
    if (typeof prefix !== "string") throw new TypeError("deletePrefix() takes a prefix that is a string");
    const given = dictionary(options, "deletePrefix() takes an object of options");
    try {
      checkWellFormed(prefix);
      return await this.#transport.deletePrefix(prefix, {
        dryRun: given["dryRun"] === true,
        all: given["all"] === true,
      });
    } catch (error) {
      throw failure("DELETE", error);
    }
  }

  async position(): Promise<string> {
    try {
      return await this.#transport.position();
    } catch (error) {
      throw failure("GET", error);
    }
  }

  watch(options: KvWatchOptions = {}): AsyncIterable<KvChange> {
    try {
      checkWellFormed(options.prefix);
      return watching((signal) => this.#transport.watch({ ...options, signal }), options);
    } catch (error) {
      return watching(() => rejected(error), options);
    }
  }

  #read(key: unknown, { cacheTtl }: ReadOptions): StoredEntry | null | Promise<StoredEntry | null> {
    return this.#transport.get(keyName(key), cacheTtl);
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
        await this.#transport.getBulk(names, { type, withMetadata, cacheTtl }),
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
