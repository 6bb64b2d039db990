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
 * A namespace whose values all have one type. Created by `kv()`.
 *
 * @typeParam T what is read: the output of the schema
 * @typeParam Input what is written: the input of the schema, because it is stored as given
 *
 * Methods can be used without `this`. All asynchronous methods reject with a `WorkkitError`:
 * `ValidationError` for a key or a TTL, `KVSerializationError` and `KVValidationError` for a value, and the
 * results of `wrapKVError` for the binding's errors.
 */
export interface TypedKV<T, Input = T> {
  /** Returns the value, or `null` if there is none. */
  get(key: string, options?: GetOptions): Promise<T | null>;
  /**
   * Also returns the entry's version, for `ifVersion` and `check`. `null` if there is no entry. Kvasir only.
   */
  getWithMetadata<Metadata = unknown>(
    key: string,
    options: GetOptions & { readonly version: true },
  ): Promise<KVGetWithMetadataResult<T, Metadata> & { readonly version: number | null }>;
  getWithMetadata<Metadata = unknown>(
    key: string,
    options?: GetOptions,
  ): Promise<KVGetWithMetadataResult<T, Metadata>>;
  /** Whether an entry exists. Its value is not read. */
  exists(key: string): Promise<boolean>;
  /** The same as `exists`. */
  has(key: string): Promise<boolean>;

  /** With a condition. Returns whether it held and the value was written. Kvasir only. */
  put(key: string, value: Input, options: KVPutOptions & KvCondition): Promise<KvWriteResult>;
  put(key: string, value: Input, options?: KVPutOptions): Promise<void>;
  /** With `ifVersion`. Returns whether the version matched and the entry was deleted. Kvasir only. */
  delete(key: string, options: { readonly ifVersion: number }): Promise<KvWriteResult>;
  delete(key: string): Promise<void>;

  /** Returns the existing values by key. Missing keys are omitted. One request for each hundred keys. */
  getMany(keys: readonly string[], options?: GetOptions): Promise<Map<string, T>>;
  /** Puts all values, 50 at a time. If one fails, others may have been put. Use `atomic` for all or none. */
  putMany(entries: readonly KVBatchPutEntry<Input>[], options?: KVPutOptions): Promise<void>;
  deleteMany(keys: readonly string[]): Promise<void>;
  /** The same as `getMany`, under its name in the original's README. */
  batchGet(keys: readonly string[], options?: GetOptions): Promise<Map<string, T>>;
  /** The same as `putMany`. */
  batchPut(entries: readonly KVBatchPutEntry<Input>[], options?: KVPutOptions): Promise<void>;
  /** The same as `deleteMany`. */
  batchDelete(keys: readonly string[]): Promise<void>;

  /** Yields entries with their values in key order. Pages are read on demand. Each loop starts again. */
  list(options?: KVListOptions): AsyncIterable<KVEntry<T>>;
  /** The same without reading values. */
  keys(options?: KVListOptions): AsyncIterable<KVKeyEntry>;
  /** Returns all keys at once. */
  listKeys(options?: KVListOptions): Promise<KVListEntry[]>;

  /**
   * Adds to a counter atomically and returns the sum. The TTL applies if the counter is created. Kvasir only.
   */
  increment(key: string, by?: number, options?: Pick<KVExpiry, "ttl">): Promise<number>;
  /** Changes the expiry but not the value. Without options uses `defaultTtl`, otherwise none. Kvasir only. */
  touch(key: string, options?: KVExpiry): Promise<KvWriteResult>;
  /** Returns the number of entries. Kvasir only. */
  count(options?: { readonly prefix?: string }): Promise<number>;
  /**
   * Deletes (with `dryRun` only counts) all keys with the prefix, which follows the client's own. Kvasir
   * only.
   */
  deletePrefix(
    prefix: string,
    options?: { readonly dryRun?: boolean; readonly all?: boolean },
  ): Promise<number>;
  /** The newest position of the changes, for `watch({ since })`. Kvasir only. */
  position(): Promise<string>;
  /** Yields changes as they are made. Kvasir only. */
  watch(options?: KvWatchOptions): AsyncIterable<KvChange>;
  /** Several changes, of which all or none are made. Kvasir only. */
  atomic(): KVAtomic<Input>;

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
