import type {
  KvChange,
  KvCondition,
  KvWatchOptions,
  KvWriteResult,
  WorkersKV,
} from "../namespace/kv-namespace.js";
import type { KVExpiry } from "./expiry.js";
import type { KVAtomic } from "./extensions.js";
import type { KVEntry, KVKeyEntry, KVListEntry, KVListOptions } from "./list.js";
import type { GetOptions, KVGetWithMetadataResult } from "./read.js";
import type { KVBatchPutEntry, KVPutOptions } from "./write.js";

/**
 * A namespace whose values are all of one type. Made by `kv()`.
 *
 * Methods need no `this`. Everything asynchronous rejects with a `WorkkitError`: `ValidationError` for a key or a
 * TTL, `KVSerializationError` and `KVValidationError` for a value, and what `wrapKVError` makes of the binding's
 * errors.
 */
export interface TypedKV<T> {
  /** The value, or `null` when there is none. */
  get(key: string, options?: GetOptions): Promise<T | null>;
  /** Also the entry's version, for `ifVersion` and `check`; `null` when there is no entry. Kvasir only. */
  getWithMetadata<Metadata = unknown>(
    key: string,
    options: GetOptions & { readonly version: true },
  ): Promise<KVGetWithMetadataResult<T, Metadata> & { readonly version: number | null }>;
  getWithMetadata<Metadata = unknown>(
    key: string,
    options?: GetOptions,
  ): Promise<KVGetWithMetadataResult<T, Metadata>>;
  /** Whether there is an entry, without reading its value. */
  exists(key: string): Promise<boolean>;
  /** The same as `exists`. */
  has(key: string): Promise<boolean>;

  /** With a condition, whether it held and the value was put. Kvasir only. */
  put(key: string, value: T, options: KVPutOptions & KvCondition): Promise<KvWriteResult>;
  put(key: string, value: T, options?: KVPutOptions): Promise<void>;
  /** With `ifVersion`, whether it held and the entry is gone. Kvasir only. */
  delete(key: string, options: { readonly ifVersion: number }): Promise<KvWriteResult>;
  delete(key: string): Promise<void>;

  /** The values that are there, by key; keys without one are left out. One request for each hundred keys. */
  getMany(keys: readonly string[], options?: GetOptions): Promise<Map<string, T>>;
  /** Puts all, 50 at a time. When one fails, others may have been put: see `atomic` for all or nothing. */
  putMany(entries: readonly KVBatchPutEntry<T>[], options?: KVPutOptions): Promise<void>;
  deleteMany(keys: readonly string[]): Promise<void>;
  /** The same as `getMany`, as the README of the original calls it. */
  batchGet(keys: readonly string[], options?: GetOptions): Promise<Map<string, T>>;
  /** The same as `putMany`. */
  batchPut(entries: readonly KVBatchPutEntry<T>[], options?: KVPutOptions): Promise<void>;
  /** The same as `deleteMany`. */
  batchDelete(keys: readonly string[]): Promise<void>;

  /** Entries with their values, in key order, page after page as they are asked for. Each loop begins anew. */
  list(options?: KVListOptions): AsyncIterable<KVEntry<T>>;
  /** The same without values, which are not read. */
  keys(options?: KVListOptions): AsyncIterable<KVKeyEntry>;
  /** All keys at once. */
  listKeys(options?: KVListOptions): Promise<KVListEntry[]>;

  /** Adds to a counter in one step and returns the sum; a TTL applies when it is created. Kvasir only. */
  increment(key: string, by?: number, options?: Pick<KVExpiry, "ttl">): Promise<number>;
  /** A new expiry, the value untouched: without options `defaultTtl`, else none. Kvasir only. */
  touch(key: string, options?: KVExpiry): Promise<KvWriteResult>;
  /** How many entries there are. Kvasir only. */
  count(options?: { readonly prefix?: string }): Promise<number>;
  /** Deletes (with `dryRun` counts) what begins with the prefix, after the client's own. Kvasir only. */
  deletePrefix(
    prefix: string,
    options?: { readonly dryRun?: boolean; readonly all?: boolean },
  ): Promise<number>;
  /** The newest position of the changes, for `watch({ since })`. Kvasir only. */
  position(): Promise<string>;
  /** Changes as they are made. Kvasir only. */
  watch(options?: KvWatchOptions): AsyncIterable<KvChange>;
  /** Several changes, all or none. Kvasir only. */
  atomic(): KVAtomic<T>;

  /** The binding itself. */
  readonly raw: WorkersKV;
}

/** @deprecated The older name of {@link TypedKV}. */
export type WorkkitKV<T> = TypedKV<T>;

/** @deprecated The older name of {@link KVPutOptions}. */
export type PutOptions = KVPutOptions;

/** @deprecated The older name of {@link KVListOptions}. */
export type ListOptions = KVListOptions;

/** @deprecated No operation returns it. */
export interface KVListPage<Metadata = unknown> {
  readonly entries: KVListEntry<Metadata>[];
  readonly listComplete: boolean;
  readonly cursor?: string;
}
