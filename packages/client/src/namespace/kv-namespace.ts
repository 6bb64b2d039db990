/**
 * The Workers KV surface, as types, with what Kvasir adds to it. Structurally a superset of the `KVNamespace`
 * of `@cloudflare/workers-types`: code written for that type-checks against this.
 */

export type KvValue = string | ArrayBuffer | ArrayBufferView | ReadableStream;

export interface KVNamespaceGetOptions<Type> {
  readonly type?: Type | undefined;
  /** How old a response from a cache may be, in seconds; at least 30. */
  readonly cacheTtl?: number | undefined;
}

export interface KvExpiryOptions {
  /** Absolute expiry, in seconds since the epoch. */
  readonly expiration?: number | undefined;
  /** Time to live, in seconds. Wins over `expiration`. */
  readonly expirationTtl?: number | undefined;
}

export interface KVNamespacePutOptions extends KvExpiryOptions {
  /** Any JSON value, at most 1,024 bytes. */
  readonly metadata?: unknown;
}

/** A condition on what is stored. If it does not hold, nothing changes. */
export type KvCondition =
  | { readonly ifAbsent: true; readonly ifVersion?: undefined }
  | { readonly ifVersion: number; readonly ifAbsent?: undefined };

export interface KvWriteResult {
  /** Whether the condition held and the write was made. */
  readonly ok: boolean;
  /** The entry's version afterwards; `null` when there is none. */
  readonly version: number | null;
}

export interface KVNamespaceGetWithMetadataResult<Value, Metadata> {
  value: Value | null;
  metadata: Metadata | null;
  cacheStatus: string | null;
}

/** What `{ version: true }` adds: `null` where there is no entry. */
export interface KvVersioned {
  readonly version: number | null;
}

export interface KVNamespaceListOptions {
  readonly prefix?: string | null | undefined;
  /** @default 1000, which is also the most */
  readonly limit?: number | undefined;
  readonly cursor?: string | null | undefined;
  /** Adds each entry's value as text. A page then ends early rather than pass 25 MiB. @default false */
  readonly values?: boolean | undefined;
  /** Adds each entry's version. @default false */
  readonly versions?: boolean | undefined;
  /** Descending order. @default false */
  readonly reverse?: boolean | undefined;
  /** First key of the range, itself included. */
  readonly start?: string | undefined;
  /** End of the range, itself excluded. */
  readonly end?: string | undefined;
}

export interface KVNamespaceListKey<Metadata, Key extends string = string> {
  name: Key;
  /** Seconds since the epoch. */
  expiration?: number;
  metadata?: Metadata;
  /** With `{ values: true }`. */
  value?: string;
  /** With `{ versions: true }`. */
  version?: number;
  /** The entry is damaged on disk and only its name is known: reading it is an error, writing or deleting it mends it. */
  damaged?: true;
}

export type KVNamespaceListResult<Metadata, Key extends string = string> =
  | {
      list_complete: false;
      keys: KVNamespaceListKey<Metadata, Key>[];
      cursor: string;
      cacheStatus: string | null;
    }
  | {
      list_complete: true;
      keys: KVNamespaceListKey<Metadata, Key>[];
      cacheStatus: string | null;
    };

export interface KvIncrementOptions {
  /** Time to live of a counter that is created, in seconds. A counter that exists keeps its expiry. */
  readonly expirationTtl?: number | undefined;
}

export interface KvCountOptions {
  readonly prefix?: string | undefined;
}

export interface KvDeletePrefixOptions {
  /** Counts the entries and deletes none. @default false */
  readonly dryRun?: boolean | undefined;
  /** Allows an empty prefix, which stands for every entry. @default false */
  readonly all?: boolean | undefined;
}

export interface KvWatchOptions {
  readonly prefix?: string | undefined;
  /** Resume after this position; without it, from now on. */
  readonly since?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface KvChange {
  readonly type: "put" | "delete" | "expire";
  readonly key: string;
  /** The entry's version after the change, as reads and writes of the key return it. */
  readonly version: number;
  /** Opaque. Pass the last one seen as `since` to go on with the change after it. */
  readonly position: string;
  /** Another change of the same `atomic()` commit follows, which has the same version. */
  readonly more?: true;
}

export interface KvAtomic {
  /** Makes the commit fail unless `key` has this `version` (`null`: does not exist). */
  check(key: string, version: number | null): KvAtomic;
  /**
   * A condition is a check: when it does not hold, nothing is changed. Unlike in a plain `put()`, an expiry may
   * be later than 2038.
   */
  put(
    key: string,
    value: string | ArrayBuffer | ArrayBufferView,
    options?: KVNamespacePutOptions | (KVNamespacePutOptions & KvCondition),
  ): KvAtomic;
  delete(key: string): KvAtomic;
  increment(key: string, by?: number, options?: KvIncrementOptions): KvAtomic;
  /** All or nothing. `ok: false` means that a check failed and nothing changed. */
  commit(): Promise<KvCommitResult>;
}

export type KvCommitResult =
  | { readonly ok: true; readonly version: number }
  | { readonly ok: false; readonly version: null };

type Versioned<Type> = KVNamespaceGetOptions<Type> & { readonly version: true };
type Result<Value, Metadata> = KVNamespaceGetWithMetadataResult<Value, Metadata>;

/** What Kvasir adds to Workers KV. */
export interface KvExtensions {
  getWithMetadata<Metadata = unknown>(
    key: string,
    options: Versioned<undefined> | Versioned<"text">,
  ): Promise<Result<string, Metadata> & KvVersioned>;
  getWithMetadata<ExpectedValue = unknown, Metadata = unknown>(
    key: string,
    options: Versioned<"json">,
  ): Promise<Result<ExpectedValue, Metadata> & KvVersioned>;
  getWithMetadata<Metadata = unknown>(
    key: string,
    options: Versioned<"arrayBuffer">,
  ): Promise<Result<ArrayBuffer, Metadata> & KvVersioned>;
  getWithMetadata<Metadata = unknown>(
    key: string,
    options: Versioned<"stream">,
  ): Promise<Result<ReadableStream, Metadata> & KvVersioned>;
  put(key: string, value: KvValue, options: KVNamespacePutOptions & KvCondition): Promise<KvWriteResult>;
  delete(key: string, options: { readonly ifVersion: number }): Promise<KvWriteResult>;
  /**
   * Adds `by` to the integer stored as decimal text under `key` (absent counts as 0) and returns the sum.
   */
  increment(key: string, by?: number, options?: KvIncrementOptions): Promise<number>;
  /** A new expiry for an entry without rewriting it; with neither option the entry never expires. */
  touch(key: string, options?: KvExpiryOptions): Promise<KvWriteResult>;
  atomic(): KvAtomic;
  /** How many live entries there are. Costs what it counts. */
  count(options?: KvCountOptions): Promise<number>;
  /** Deletes every entry whose key starts with `prefix`, and returns how many there were. */
  deletePrefix(prefix: string, options?: KvDeletePrefixOptions): Promise<number>;
  /** The newest position of the changes. A {@link watch} since it is told everything that is written from now on. */
  position(): Promise<string>;
  /**
   * Changes as they are made, in order. It begins at the latest with the first `next()`; pass `since` to miss
   * nothing. A connection that is cut resumes by itself after the last change seen. Throws `KvError`
   * `watch_behind` when `since` is further back than the store remembers, or when the reader is too slow: take a
   * new {@link position}, list again, then watch since that position.
   */
  watch(options?: KvWatchOptions): AsyncIterable<KvChange>;
}

/**
 * The Workers KV surface itself, overload by overload as `@cloudflare/workers-types` has it. Every argument problem
 * is a rejection, never a synchronous throw.
 */
export interface WorkersKV<Key extends string = string> {
  get(key: Key, options?: Partial<KVNamespaceGetOptions<undefined>>): Promise<string | null>;
  get(key: Key, type: "text"): Promise<string | null>;
  get<ExpectedValue = unknown>(key: Key, type: "json"): Promise<ExpectedValue | null>;
  get(key: Key, type: "arrayBuffer"): Promise<ArrayBuffer | null>;
  get(key: Key, type: "stream"): Promise<ReadableStream | null>;
  get(key: Key, options?: KVNamespaceGetOptions<"text">): Promise<string | null>;
  get<ExpectedValue = unknown>(
    key: Key,
    options?: KVNamespaceGetOptions<"json">,
  ): Promise<ExpectedValue | null>;
  get(key: Key, options?: KVNamespaceGetOptions<"arrayBuffer">): Promise<ArrayBuffer | null>;
  get(key: Key, options?: KVNamespaceGetOptions<"stream">): Promise<ReadableStream | null>;
  get(keys: Key[], type: "text"): Promise<Map<string, string | null>>;
  get<ExpectedValue = unknown>(keys: Key[], type: "json"): Promise<Map<string, ExpectedValue | null>>;
  get(keys: Key[], options?: Partial<KVNamespaceGetOptions<undefined>>): Promise<Map<string, string | null>>;
  get(keys: Key[], options?: KVNamespaceGetOptions<"text">): Promise<Map<string, string | null>>;
  get<ExpectedValue = unknown>(
    keys: Key[],
    options?: KVNamespaceGetOptions<"json">,
  ): Promise<Map<string, ExpectedValue | null>>;

  list<Metadata = unknown>(options?: KVNamespaceListOptions): Promise<KVNamespaceListResult<Metadata, Key>>;

  put(key: Key, value: KvValue, options?: KVNamespacePutOptions): Promise<void>;

  getWithMetadata<Metadata = unknown>(
    key: Key,
    options?: Partial<KVNamespaceGetOptions<undefined>>,
  ): Promise<Result<string, Metadata>>;
  getWithMetadata<Metadata = unknown>(key: Key, type: "text"): Promise<Result<string, Metadata>>;
  getWithMetadata<ExpectedValue = unknown, Metadata = unknown>(
    key: Key,
    type: "json",
  ): Promise<Result<ExpectedValue, Metadata>>;
  getWithMetadata<Metadata = unknown>(key: Key, type: "arrayBuffer"): Promise<Result<ArrayBuffer, Metadata>>;
  getWithMetadata<Metadata = unknown>(key: Key, type: "stream"): Promise<Result<ReadableStream, Metadata>>;
  getWithMetadata<Metadata = unknown>(
    key: Key,
    options: KVNamespaceGetOptions<"text">,
  ): Promise<Result<string, Metadata>>;
  getWithMetadata<ExpectedValue = unknown, Metadata = unknown>(
    key: Key,
    options: KVNamespaceGetOptions<"json">,
  ): Promise<Result<ExpectedValue, Metadata>>;
  getWithMetadata<Metadata = unknown>(
    key: Key,
    options: KVNamespaceGetOptions<"arrayBuffer">,
  ): Promise<Result<ArrayBuffer, Metadata>>;
  getWithMetadata<Metadata = unknown>(
    key: Key,
    options: KVNamespaceGetOptions<"stream">,
  ): Promise<Result<ReadableStream, Metadata>>;
  // As there, these claim a whole result for each key. What comes holds `value` and `metadata` only, and is `null`
  // for a missing key.
  getWithMetadata<Metadata = unknown>(
    keys: Key[],
    type: "text",
  ): Promise<Map<string, Result<string, Metadata>>>;
  getWithMetadata<ExpectedValue = unknown, Metadata = unknown>(
    keys: Key[],
    type: "json",
  ): Promise<Map<string, Result<ExpectedValue, Metadata>>>;
  getWithMetadata<Metadata = unknown>(
    keys: Key[],
    options?: Partial<KVNamespaceGetOptions<undefined>>,
  ): Promise<Map<string, Result<string, Metadata>>>;
  getWithMetadata<Metadata = unknown>(
    keys: Key[],
    options?: KVNamespaceGetOptions<"text">,
  ): Promise<Map<string, Result<string, Metadata>>>;
  getWithMetadata<ExpectedValue = unknown, Metadata = unknown>(
    keys: Key[],
    options?: KVNamespaceGetOptions<"json">,
  ): Promise<Map<string, Result<ExpectedValue, Metadata>>>;

  delete(key: Key): Promise<void>;
}

/**
 * A namespace: the whole Workers KV surface, and what Kvasir adds. The additions come first, or the plain overloads
 * would take calls such as `put(key, value, { ifAbsent: true })` and give them the wrong result.
 */
export type KVNamespace<Key extends string = string> = KvExtensions & WorkersKV<Key>;
