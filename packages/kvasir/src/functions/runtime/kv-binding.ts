import { CACHE_TTL_SECONDS_MIN, HttpTransport, type KVNamespace, kvNamespace } from "@kvasir/client";
import { CacheInvalidation } from "./cache-invalidation.js";
import { CachedReads } from "./cached-reads.js";

/** What workerd hands to the module of a wrapped binding. */
interface InnerBindings {
  /** workerd's own KV binding. */
  readonly native: Native;
  /** The same service over plain requests: what Kvasir adds goes this way. */
  readonly http: Fetcher;
}

type Method = (...args: unknown[]) => Promise<unknown>;
type Native = Readonly<Record<"get" | "getWithMetadata" | "put" | "delete" | "list", Method>>;

// Where it really goes, the fetcher's service decides.
const BASE = "http://kv";

/** Builds the object that a function sees as `env.NAME`. workerd calls it once for each binding. */
export default function kvBinding({ native, http }: InnerBindings): KVNamespace {
  const cache = new CachedReads(http, BASE);
  const transport = new CacheInvalidation(
    new HttpTransport({
      base: BASE,
      // workerd does not know redirect: "error"; the service sends no redirects.
      fetch: (input, init) => http.fetch(input, { ...init, redirect: "manual" }),
      // The service is this machine's own: what it does not answer now it will not answer then.
      retries: 0,
    }),
    cache,
  );
  const extended = kvNamespace(transport) as unknown as Record<string, Method>;
  return new KvNamespace(native, extended, cache) as unknown as KVNamespace;
}

/**
 * Workers KV's own methods stay workerd's, arguments and errors included, wherever they can do what is asked;
 * everything else is Kvasir's client. A read without `cacheTtl` always asks the store.
 */
class KvNamespace {
  readonly #native: Native;
  readonly #extended: Readonly<Record<string, Method>>;
  readonly #cache: CachedReads;

  constructor(native: Native, extended: Readonly<Record<string, Method>>, cache: CachedReads) {
    this.#native = native;
    this.#extended = extended;
    this.#cache = cache;
  }

  get(...args: unknown[]): Promise<unknown> {
    const [key, options] = args;
    // workerd loses keys such as "10" from a bulk answer.
    if (Array.isArray(key)) return this.#extension("get", args);
    const ttl = cacheTtlOf(options);
    if (ttl === undefined) return this.#native.get(...args);
    return this.#cachedGet(args, ttl);
  }

  getWithMetadata(...args: unknown[]): Promise<unknown> {
    const [key, options] = args;
    if (Array.isArray(key) || asksFor(options, "version")) return this.#extension("getWithMetadata", args);
    const ttl = cacheTtlOf(options);
    if (ttl === undefined) return this.#native.getWithMetadata(...args);
    return this.#cachedGetWithMetadata(args, ttl);
  }

  list(...args: unknown[]): Promise<unknown> {
    const [options] = args;
    const extends_ = ["values", "versions", "reverse", "start", "end"].some((name) => asksFor(options, name));
    return extends_ ? this.#extension("list", args) : this.#native.list(...args);
  }

  put(...args: unknown[]): Promise<unknown> {
    const [key, , options] = args;
    if (asksFor(options, "ifAbsent") || asksFor(options, "ifVersion")) return this.#extension("put", args);
    return this.#cache.writing(key, () => this.#native.put(...args));
  }

  delete(...args: unknown[]): Promise<unknown> {
    const [key, options] = args;
    if (asksFor(options, "ifVersion")) return this.#extension("delete", args);
    return this.#cache.writing(key, () => this.#native.delete(...args));
  }

  increment(...args: unknown[]): Promise<unknown> {
    return this.#extension("increment", args);
  }

  touch(...args: unknown[]): Promise<unknown> {
    return this.#extension("touch", args);
  }

  // Not a promise: a builder.
  atomic(): unknown {
    return this.#extension("atomic", []);
  }

  count(...args: unknown[]): Promise<unknown> {
    return this.#extension("count", args);
  }

  deletePrefix(...args: unknown[]): Promise<unknown> {
    return this.#extension("deletePrefix", args);
  }

  // Not a promise: an async iterable.
  watch(...args: unknown[]): unknown {
    return this.#extension("watch", args);
  }

  #extension(name: string, args: unknown[]): Promise<unknown> {
    return (this.#extended[name] as Method).apply(this.#extended, args);
  }

  async #cachedGet(args: unknown[], ttlSeconds: number): Promise<unknown> {
    const [key, options] = args;
    const type = typeOf(options);
    const read = isReadable(type) ? await this.#cache.read(key, ttlSeconds) : undefined;
    // What the cache cannot answer (an error, an odd type) the native binding words.
    if (read === undefined) return this.#native.get(...args);
    return read === null ? null : read.decode(type as ReadType);
  }

  async #cachedGetWithMetadata(args: unknown[], ttlSeconds: number): Promise<unknown> {
    const [key, options] = args;
    const type = typeOf(options);
    const read = isReadable(type) ? await this.#cache.read(key, ttlSeconds) : undefined;
    if (read === undefined) return this.#native.getWithMetadata(...args);
    if (read === null) return { value: null, metadata: null, cacheStatus: "MISS" };
    return {
      value: await read.decode(type as ReadType),
      metadata: read.metadata(),
      cacheStatus: read.hit ? "HIT" : "MISS",
    };
  }
}

type ReadType = "text" | "json" | "arrayBuffer" | "stream";

function typeOf(options: unknown): unknown {
  return (options as { type?: unknown }).type ?? "text";
}

function isReadable(type: unknown): type is ReadType {
  return type === "text" || type === "json" || type === "arrayBuffer" || type === "stream";
}

/** In whole seconds, as the native binding coerces it; `undefined` when the store must answer, or refuse. */
function cacheTtlOf(options: unknown): number | undefined {
  if (typeof options !== "object" || options === null) return undefined;
  const { cacheTtl } = options as { cacheTtl?: unknown };
  if (cacheTtl === undefined || cacheTtl === null) return undefined;
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
