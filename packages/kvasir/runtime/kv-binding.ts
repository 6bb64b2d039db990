import { HttpBackend } from "@kvasir/client/http";
import {
  CACHE_TTL_SECONDS_MIN,
  type KVNamespace,
  kvNamespace,
  LIST_OPTIONS,
  namespaceMethods,
  WORKERS_LIST_OPTIONS,
} from "@kvasir/client/namespace";
import type { FramedEntry } from "../src/wire/read-frames.js";
import { bulkRead } from "./bulk-read.js";
import { invalidatingBackend } from "./cache-invalidation.js";
import { CachedReads } from "./cached-reads.js";
import { FramedValue, isReadType, type ReadType } from "./framed-value.js";
import { isBatchable, ReadBatches } from "./read-batches.js";

/** The bindings that workerd passes to the module of a wrapped binding. */
interface InnerBindings {
  /** workerd's own KV binding. */
  readonly native: Native;
  /** The same service over plain requests. Kvasir's extensions use it. */
  readonly http: Fetcher;
}

interface KvNamespaceParts {
  readonly native: Native;
  readonly extended: Readonly<Record<string, Method>>;
  readonly batches: ReadBatches;
  readonly cache: CachedReads;
}

type Method = (...args: unknown[]) => Promise<unknown>;
type Native = Readonly<Record<"get" | "getWithMetadata" | "put" | "delete" | "list", Method>>;

const EXTENDED_LIST_OPTIONS = Object.keys(LIST_OPTIONS).filter(
  (name) => !WORKERS_LIST_OPTIONS.includes(name),
);

// The fetcher's service decides where requests go.
const BASE = "http://kv";

/** Creates the object that a function sees as `env.NAME`. workerd calls it once for each binding. */
export default function kvBinding({ native, http }: InnerBindings): KVNamespace {
  const batches = new ReadBatches(http, BASE);
  const cache = new CachedReads(batches);
  const backend = invalidatingBackend(
    new HttpBackend({
      base: BASE,
      // workerd does not support redirect: "error". The service sends no redirects.
      fetch: (input, init) => http.fetch(input, { ...init, redirect: "manual" }),
      // The service is on this machine: a request that fails now would fail again.
      retries: 0,
    }),
    cache,
  );
  const extended = kvNamespace(backend) as unknown as Record<string, Method>;
  return new KvNamespace({ native, extended, batches, cache }) as unknown as KVNamespace;
}

/**
 * Methods of Workers KV use workerd's native binding wherever it supports the call, so that checks and errors
 * are workerd's. All other calls use Kvasir's client. A read without `cacheTtl` always asks the store.
 */
class KvNamespace {
  readonly #native: Native;
  readonly #extended: Readonly<Record<string, Method>>;
  readonly #batches: ReadBatches;
  readonly #cache: CachedReads;

  constructor({ native, extended, batches, cache }: KvNamespaceParts) {
    this.#native = native;
    this.#extended = extended;
    this.#batches = batches;
    this.#cache = cache;
  }

  get(...args: unknown[]): Promise<unknown> {
    const [key, options] = args;
    if (Array.isArray(key)) return this.#bulk("get", key, args);
    const ttl = cacheTtlOf(options);
    if (ttl !== undefined) return this.#cachedGet(args, ttl);
    const type = typeOf(options);
    if (!isBatchable(key) || !isReadType(type) || asksFor(options, "cacheTtl")) {
      return this.#native.get(...args);
    }
    return this.#batches.read({
      key,
      alone: () => this.#native.get(...args),
      found: (entry) => (entry === null ? null : new FramedValue(entry.value).decode(type)),
    });
  }

  getWithMetadata(...args: unknown[]): Promise<unknown> {
    const [key, options] = args;
    if (Array.isArray(key)) return this.#bulk("getWithMetadata", key, args);
    const versioned = asksFor(options, "version");
    const ttl = versioned ? undefined : cacheTtlOf(options);
    if (ttl !== undefined) return this.#cachedGetWithMetadata(args, ttl);
    const alone = () =>
      versioned ? this.#extension("getWithMetadata", args) : this.#native.getWithMetadata(...args);
    const type = typeOf(options);
    if (!isBatchable(key) || !isReadType(type) || asksFor(options, "cacheTtl")) return alone();
    const withVersion = versioned && (options as { version: unknown }).version === true;
    return this.#batches.read({ key, alone, found: (entry) => withMetadata(entry, type, withVersion) });
  }

  list(...args: unknown[]): Promise<unknown> {
    const [options] = args;
    const isExtended = EXTENDED_LIST_OPTIONS.some((name) => asksFor(options, name));
    if (isExtended) return this.#extension("list", args);
    return this.#native.list(...withWellFormedPrefix(args));
  }

  put(...args: unknown[]): Promise<unknown> {
    const [key, , options] = args;
    if (asksFor(options, "ifAbsent") || asksFor(options, "ifVersion")) return this.#extension("put", args);
    return this.#cache.writing({ key }, () => this.#native.put(...args));
  }

  delete(...args: unknown[]): Promise<unknown> {
    const [key, options] = args;
    if (asksFor(options, "ifVersion")) return this.#extension("delete", args);
    return this.#cache.writing({ key }, () => this.#native.delete(...args));
  }

  static {
    // The methods that Workers KV does not have are the client's.
    for (const name of namespaceMethods()) {
      if (name in KvNamespace.prototype) continue;
      Object.defineProperty(KvNamespace.prototype, name, {
        value(this: KvNamespace, ...args: unknown[]): unknown {
          return this.#extension(name, args);
        },
        writable: true,
        configurable: true,
      });
    }
  }

  async #bulk(method: string, keys: readonly unknown[], [, ...rest]: unknown[]): Promise<unknown> {
    // A key that has no text is refused before the options are looked at.
    const sent = keys.map((key) => wellFormed(`${key}`));
    return await bulkRead(() => this.#extension(method, [sent, ...rest]), {
      options: rest[0],
      withMetadata: method === "getWithMetadata",
    });
  }

  #extension(name: string, args: unknown[]): Promise<unknown> {
    return (this.#extended[name] as Method).apply(this.#extended, args);
  }

  async #cachedGet(args: unknown[], ttlSeconds: number): Promise<unknown> {
    const [key, options] = args;
    const type = typeOf(options);
    const read = isReadType(type) ? await this.#cache.read(key, ttlSeconds) : undefined;
    // The native binding handles what the cache cannot: a large value, an error, an unknown type.
    if (read === undefined) return this.#native.get(...args);
    return read === null ? null : read.decode(type as ReadType);
  }

  async #cachedGetWithMetadata(args: unknown[], ttlSeconds: number): Promise<unknown> {
    const [key, options] = args;
    const type = typeOf(options);
    const read = isReadType(type) ? await this.#cache.read(key, ttlSeconds) : undefined;
    if (read === undefined) {
      return { ...((await this.#native.getWithMetadata(...args)) as object), cacheStatus: "MISS" };
    }
    if (read === null) return { value: null, metadata: null, cacheStatus: "MISS" };
    return {
      value: await read.decode(type as ReadType),
      metadata: read.metadata(),
      cacheStatus: read.hit ? "HIT" : "MISS",
    };
  }
}

/** Has the shape of the native binding's result, or of the client's with `{ version: true }`. */
function withMetadata(entry: FramedEntry | null, type: ReadType, versioned: boolean): unknown {
  const result = {
    value: entry === null ? null : new FramedValue(entry.value).decode(type),
    metadata: entry === null || entry.metadata === null ? null : JSON.parse(entry.metadata),
    cacheStatus: null,
  };
  return versioned ? { ...result, version: entry?.version ?? null } : result;
}

function withWellFormedPrefix(args: unknown[]): unknown[] {
  const prefix = (args[0] as { readonly prefix?: unknown } | null | undefined)?.prefix;
  if (typeof prefix !== "string") return args;
  const sent = wellFormed(prefix);
  return sent === prefix ? args : [{ ...(args[0] as object), prefix: sent }];
}

/**
 * workerd sends each lone surrogate of a prefix and of a bulk read's key as three bytes that are not UTF-8. A
 * lenient decoder, such as Miniflare's, makes a replacement character of each of these bytes.
 */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\uFFFD".repeat(3));
}

function typeOf(options: unknown): unknown {
  if (typeof options !== "object" || options === null) return options ?? "text";
  const { type } = options as { type?: unknown };
  return type === undefined ? "text" : type;
}

/**
 * Coerced to whole seconds like in the native binding. `undefined` if the store must serve or reject the
 * read.
 */
function cacheTtlOf(options: unknown): number | undefined {
  if (typeof options !== "object" || options === null) return undefined;
  const { cacheTtl } = options as { cacheTtl?: unknown };
  // What cannot be converted, or runs code to be converted, is the native binding's.
  if (!["number", "string", "boolean"].includes(typeof cacheTtl)) return undefined;
  const seconds = Math.trunc(Number(cacheTtl));
  return seconds >= CACHE_TTL_SECONDS_MIN && seconds <= 0x7fffffff ? seconds : undefined;
}

function asksFor(options: unknown, name: string): boolean {
  return (
    typeof options === "object" &&
    options !== null &&
    (options as Record<string, unknown>)[name] !== undefined
  );
}
