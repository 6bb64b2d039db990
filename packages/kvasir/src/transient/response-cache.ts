import { KvError } from "@kvasir/client/namespace";
import {
  type Clock,
  type Entry,
  type MaybePromise,
  STREAM_GATHER_BYTES_MAX,
  type StagedValue,
  type Store,
} from "@kvasir/store";
import { decideCaching, type ResponseHead } from "./cache-policy.js";
import { Eviction } from "./eviction.js";
import { CACHED_HEAD_BYTES_MAX, CACHED_RESPONSE_SHARE_MAX } from "./limits.js";
import {
  type CachedResponse,
  type CacheKey,
  cachedResponse,
  entryKey,
  headMetadata,
  responseBytes,
} from "./response-entry.js";
import { RESPONSES, type TransientStore } from "./transient-store.js";

export interface ResponseCacheOptions {
  readonly clock: Clock;
  /** Most bytes of all responses. */
  readonly bytesMax: number;
  /** Called when the store fails. The cache then has no response to offer, and stores none. */
  onProblem(error: KvError): void;
}

/**
 * The responses that Workers put into their caches. All Workers and processes on one data directory share it.
 * A response is dropped when it expires, or when the cache is full and the response is among the oldest.
 */
export class ResponseCache {
  readonly #transient: TransientStore;
  readonly #options: ResponseCacheOptions;
  readonly #responseBytesMax: number;
  readonly #eviction: Eviction;

  constructor(transient: TransientStore, options: ResponseCacheOptions) {
    this.#transient = transient;
    this.#options = options;
    this.#responseBytesMax = Math.floor(options.bytesMax * CACHED_RESPONSE_SHARE_MAX);
    this.#eviction = new Eviction(options);
  }

  match(key: CacheKey): MaybePromise<CachedResponse | null> {
    try {
      const store = this.#transient.open();
      return store instanceof Promise
        ? store.then((opened) => this.#read(opened, key)).catch((error) => this.#missing(error))
        : this.#read(store, key);
    } catch (error) {
      return this.#missing(error);
    }
  }

  /**
   * Stores a response if it may be stored. Consumes `body` no further than it needs.
   *
   * @returns whether it was stored
   * @throws what reading `body` throws
   */
  async put(
    key: CacheKey,
    head: ResponseHead & { readonly body: AsyncIterable<Uint8Array> },
  ): Promise<boolean> {
    const decision = decideCaching(key.text, head, this.#options.clock.nowMs());
    if (decision === null) return false;
    const metadata = headMetadata({ status: head.status, headers: decision.headers });
    if (Buffer.byteLength(metadata) > CACHED_HEAD_BYTES_MAX) return false;
    const name = entryKey(key);
    try {
      const store = await this.#transient.open();
      if (decision.expirationMs <= this.#options.clock.nowMs()) {
        await store.entries.delete(RESPONSES, name);
        return false;
      }
      await this.#eviction.finished();
      const value = await this.#valueOf(store, { name, ...head });
      if (value === null) return false;
      const { expirationMs } = decision;
      const bytes = responseBytes(value.byteLength, metadata);
      await this.#eviction.write(store, { key: name, value, expirationMs, metadata, bytes });
      return true;
    } catch (error) {
      this.#report(error);
      return false;
    }
  }

  /** @returns whether there was one */
  async delete(key: CacheKey): Promise<boolean> {
    try {
      const store = await this.#transient.open();
      return (await store.entries.delete(RESPONSES, entryKey(key))).existed;
    } catch (error) {
      this.#report(error);
      return false;
    }
  }

  #read(store: Store, key: CacheKey): MaybePromise<CachedResponse | null> {
    const entry = store.entries.get(RESPONSES, entryKey(key));
    const read = (found: Entry | null) => (found === null ? null : cachedResponse(found));
    return entry instanceof Promise ? entry.then(read) : read(entry);
  }

  /** A small body in memory, a larger one staged. `null` if the body is too large for the cache. */
  async #valueOf(
    store: Store,
    {
      name,
      headers,
      body,
    }: ResponseHead & { readonly name: string; readonly body: AsyncIterable<Uint8Array> },
  ): Promise<Uint8Array | StagedValue | null> {
    const declared = Number(headers["content-length"] ?? "NaN");
    if (declared > this.#responseBytesMax) return null;
    const iterator = body[Symbol.asyncIterator]();
    const gathered: Uint8Array[] = [];
    let bytes = 0;
    let value: Uint8Array | StagedValue | undefined;
    while (value === undefined) {
      const part = await iterator.next();
      if (part.done === true) {
        value = Buffer.concat(gathered, bytes);
      } else {
        gathered.push(part.value);
        bytes += part.value.byteLength;
        if (bytes > Math.min(STREAM_GATHER_BYTES_MAX, this.#responseBytesMax)) {
          const staged = await this.#stage(store, name, resumed(gathered, iterator));
          if (staged === null) return null;
          value = staged;
        }
      }
    }
    // The sender was cut off. Its part of the body must never be taken for the whole.
    return Number.isNaN(declared) || declared === value.byteLength ? value : null;
  }

  async #stage(store: Store, name: string, parts: AsyncIterable<Uint8Array>): Promise<StagedValue | null> {
    try {
      return await store.entries.stage(RESPONSES, name, parts, { bytesMax: this.#responseBytesMax });
    } catch (error) {
      if (error instanceof KvError && error.code === "value_too_large") return null;
      throw error;
    }
  }

  #missing(error: unknown): null {
    this.#report(error);
    return null;
  }

  /** @throws `error` if it does not come from the store */
  #report(error: unknown): void {
    if (!(error instanceof KvError) || !error.code.startsWith("storage_")) throw error;
    this.#transient.failed(error);
    this.#options.onProblem(error);
  }
}

async function* resumed(
  first: Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  for (let part = first.shift(); part !== undefined; part = first.shift()) yield part;
  for (let part = await rest.next(); part.done !== true; part = await rest.next()) yield part.value;
}
