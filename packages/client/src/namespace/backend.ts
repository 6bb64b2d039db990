import type { KvExpiryOptions, KvExtensions, KvWriteResult } from "./kv-namespace.js";
import type { LIST_OPTIONS, Parsed, PUT_OPTIONS } from "./options.js";

/**
 * A result that may be there already. The embedded engine reads synchronously, and the hot path does not pay
 * for a promise that it does not need.
 */
export type MaybePromise<T> = T | Promise<T>;

/** An entry that was read. The object calls exactly one of `text`, `bytes`, `stream` and `discard`, once. */
export interface StoredEntry {
  /** JSON text. */
  readonly metadata: string | null;
  readonly version: number | null;
  readonly cacheStatus: string | null;
  text(): MaybePromise<string>;
  /** In memory that only the caller uses. */
  bytes(): MaybePromise<ArrayBuffer>;
  stream(): ReadableStream<Uint8Array>;
  /** Releases the value unread. */
  discard(): void;
}

/** One entry of a bulk read, its value decoded. */
export interface BulkStored {
  readonly value: unknown;
  readonly metadata: unknown;
}

export interface BulkQuery {
  readonly type?: string | undefined;
  readonly withMetadata: boolean;
  readonly cacheTtl?: number | undefined;
}

/** The options of a put. Its metadata is JSON text. */
export type PutQuery = Partial<Parsed<typeof PUT_OPTIONS>>;

export type ListQuery = Partial<Parsed<typeof LIST_OPTIONS>>;

/** A page of a list. Whatever else the backend says about a key or the page is passed on to the caller. */
export interface ListedPage {
  /** Metadata is JSON text. */
  keys: { name: string; metadata?: unknown }[];
  list_complete: boolean;
  cursor?: string;
  cacheStatus?: string | null;
}

export interface AtomicCheck {
  readonly key: string;
  readonly version: number | null;
}

export type AtomicMutation =
  | ({
      readonly type: "put";
      readonly key: string;
      readonly value: string | Uint8Array;
      /** JSON text. */
      readonly metadata?: string | undefined;
    } & KvExpiryOptions)
  | { readonly type: "delete"; readonly key: string }
  | {
      readonly type: "increment";
      readonly key: string;
      readonly by: number;
      readonly expirationTtl?: number | undefined;
    };

/** These have a form of their own below, because callers and backends do not see the same arguments or results. */
type Reshaped = "getWithMetadata" | "put" | "delete" | "increment" | "atomic";

/**
 * What a namespace is made of: the rules on a store in this process, or a server over HTTP. `kvNamespace()` makes the
 * object that callers hold out of it. An operation of {@link KvExtensions} is one here too, in the same form unless it
 * is listed as reshaped.
 *
 * The object coerces arguments and refuses what Workers KV refuses with a `TypeError`. The backend checks everything
 * else, once: keys, sizes, versions, expiry, conditions. It throws or rejects with a `KvError` whose message is the bare
 * text, without `KV GET failed`.
 *
 * A backend that can return a value synchronously does so. A call of the object then costs one promise.
 */
export interface NamespaceBackend extends Omit<KvExtensions, Reshaped> {
  get(key: string, cacheTtl?: number): MaybePromise<StoredEntry | null>;
  /** By key; a key that is not there is absent or `null`. */
  getBulk(
    keys: readonly string[],
    query: BulkQuery,
  ): MaybePromise<{ get(key: string): BulkStored | null | undefined }>;
  put(
    key: string,
    value: string | Uint8Array | ReadableStream<Uint8Array>,
    query: PutQuery,
  ): Promise<KvWriteResult>;
  delete(key: string, options: { readonly ifVersion?: number | undefined }): Promise<KvWriteResult>;
  list(query: ListQuery): MaybePromise<ListedPage>;
  increment(
    key: string,
    by: number,
    options: { readonly expirationTtl?: number | undefined },
  ): Promise<{ readonly value: number }>;
  /** The version of the commit, `null` if a check failed. */
  atomic(checks: readonly AtomicCheck[], mutations: readonly AtomicMutation[]): Promise<number | null>;
}
