import type { KvChange } from "./kv-namespace.js";

export type MaybePromise<T> = T | Promise<T>;

/** An entry that was read. Exactly one of `text`, `bytes`, `stream` and `discard` is called, once. */
export interface StoredEntry {
  /** JSON text. */
  readonly metadata: string | null;
  readonly version: number | null;
  readonly cacheStatus: string | null;
  text(): MaybePromise<string>;
  /** In memory of the caller's own. */
  bytes(): MaybePromise<ArrayBuffer>;
  stream(): ReadableStream<Uint8Array>;
  /** Lets go of the value unread. */
  discard(): void;
}

/** One entry of a bulk read, its value decoded. */
export interface BulkStored {
  readonly value: unknown;
  readonly metadata: unknown;
}

export interface BulkQuery {
  readonly type: string | undefined;
  readonly withMetadata: boolean;
  readonly cacheTtl: number | undefined;
}

export interface Expiring {
  readonly expiration?: number | undefined;
  readonly expirationTtl?: number | undefined;
}

export interface PutQuery extends Expiring {
  /** JSON text. */
  readonly metadata?: string | undefined;
  readonly ifAbsent?: boolean | undefined;
  readonly ifVersion?: number | undefined;
}

export interface WriteAnswer {
  readonly ok: boolean;
  readonly version: number | null;
}

export interface ListQuery {
  readonly prefix?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly values?: boolean | undefined;
  readonly versions?: boolean | undefined;
  readonly reverse?: boolean | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** A page of a list, as the backend words it: what it adds to a key or to the page passes through. */
export interface ListAnswer {
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
      readonly metadata?: string | undefined;
    } & Expiring)
  | { readonly type: "delete"; readonly key: string }
  | {
      readonly type: "increment";
      readonly key: string;
      readonly by: number;
      readonly expirationTtl?: number | undefined;
    };

/**
 * How a {@link KvNamespace} reaches its entries: a store in this process, a server over HTTP, a Worker's native
 * binding. Arguments are coerced and keys checked before they come here; limits, expiry and conditions are the
 * backend's to check. Throws or rejects with `KvError` whose message is the bare text, without `KV GET failed`.
 *
 * What can answer synchronously does: one call of the facade then costs one promise.
 */
export interface Transport {
  get(key: string, cacheTtl: number | undefined): MaybePromise<StoredEntry | null>;
  /** By key; a key that is not there is absent or `null`. */
  getBulk(
    keys: readonly string[],
    query: BulkQuery,
  ): MaybePromise<{ get(key: string): BulkStored | null | undefined }>;
  put(
    key: string,
    value: string | Uint8Array | ReadableStream<Uint8Array>,
    query: PutQuery,
  ): Promise<WriteAnswer>;
  delete(key: string, ifVersion: number | undefined): Promise<WriteAnswer>;
  list(query: ListQuery): MaybePromise<ListAnswer>;
  increment(key: string, by: number, expirationTtl: number | undefined): Promise<number>;
  touch(key: string, expiry: Expiring): Promise<WriteAnswer>;
  /** The version of the commit, `null` when a check failed. */
  atomic(checks: readonly AtomicCheck[], mutations: readonly AtomicMutation[]): Promise<number | null>;
  count(query: { readonly prefix?: string | undefined }): Promise<number>;
  deletePrefix(prefix: string, options: { readonly dryRun: boolean; readonly all: boolean }): Promise<number>;
  position(): Promise<string>;
  watch(query: {
    readonly prefix?: string | undefined;
    readonly since?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  }): AsyncIterable<KvChange>;
}
