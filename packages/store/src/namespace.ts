import type { Change, Entry, MaybePromise, NamespaceRecord, Store } from "./store.js";

/** What differs between the dialects that write to a namespace. */
export interface NamespaceRules {
  /** Shortest time to live, in seconds: 60 in the Workers and Cloudflare dialects, 1 elsewhere. */
  readonly ttlSecondsMin: number;
}

export interface WriteOptions {
  /** Absolute expiry, in seconds since the epoch. */
  readonly expiration?: number | undefined;
  /** Seconds from now; wins over `expiration`. */
  readonly expirationTtl?: number | undefined;
  /** JSON text. */
  readonly metadata?: string | undefined;
  readonly contentType?: string | undefined;
  readonly ifAbsent?: boolean | undefined;
  readonly ifVersion?: number | undefined;
}

export interface WriteResult {
  readonly ok: boolean;
  readonly version: number | null;
  readonly existed: boolean;
}

export type ValueSource = string | Uint8Array | AsyncIterable<Uint8Array>;

export interface BulkWrite extends WriteOptions {
  readonly key: string;
  readonly value: string | Uint8Array;
}

export type AtomicMutation =
  | ({ readonly type: "put" } & Omit<BulkWrite, "ifAbsent" | "ifVersion">)
  | { readonly type: "delete"; readonly key: string }
  | {
      readonly type: "increment";
      readonly key: string;
      readonly by: number;
      readonly expirationTtl?: number | undefined;
    };

export interface NamespaceListOptions {
  readonly prefix?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly values?: boolean | undefined;
  readonly reverse?: boolean | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

export interface NamespaceListEntry {
  readonly name: string;
  /** Seconds since the epoch. */
  readonly expiration: number | undefined;
  /** JSON text. */
  readonly metadata: string | undefined;
  readonly version: number;
  readonly valueBytes: number;
  readonly modifiedMs: number;
  readonly value: Uint8Array | undefined;
}

export interface NamespaceListPage {
  readonly keys: readonly NamespaceListEntry[];
  /** `null` on the last page. */
  readonly cursor: string | null;
}

/**
 * Workers KV's rules on top of a {@link Store}: keys, sizes, expiry, metadata, pages, and the exact messages.
 * Dialects call this; it parses no wire format. Throws `KvError` (its message is the text that Workers KV's
 * backend answers, for example `Invalid expiration_ttl of 59. Expiration TTL must be at least 60.`).
 */
export declare class Namespace {
  constructor(store: Store, id: string, options: { clock: { nowMs(): number }; rules: NamespaceRules });

  readonly id: string;

  read(key: string): MaybePromise<Entry | null>;
  /** @throws KvError `too_many_keys` outside 1 to 100 */
  readMany(keys: readonly string[]): MaybePromise<ReadonlyMap<string, Entry | null>>;
  write(key: string, value: ValueSource, options?: WriteOptions): Promise<WriteResult>;
  /** Checks every item first; nothing is written when one is bad. */
  writeMany(items: readonly BulkWrite[]): Promise<void>;
  delete(key: string, options?: { readonly ifVersion?: number | undefined }): Promise<WriteResult>;
  deleteMany(keys: readonly string[]): Promise<void>;
  list(options?: NamespaceListOptions): MaybePromise<NamespaceListPage>;
  count(options?: { readonly prefix?: string | undefined }): Promise<number>;
  increment(
    key: string,
    by?: number,
    options?: { readonly expirationTtl?: number | undefined },
  ): Promise<{ readonly value: number; readonly version: number }>;
  touch(
    key: string,
    options?: {
      readonly expirationTtl?: number | undefined;
      readonly expiration?: number | undefined;
      readonly ifVersion?: number | undefined;
    },
  ): Promise<WriteResult>;
  /** The version of the commit, `null` when a check failed. */
  atomic(
    checks: readonly { readonly key: string; readonly version: number | null }[],
    mutations: readonly AtomicMutation[],
  ): Promise<number | null>;
  deletePrefix(
    prefix: string,
    options?: { readonly dryRun?: boolean | undefined; readonly all?: boolean | undefined },
  ): Promise<number>;
  watch(options?: {
    readonly prefix?: string | undefined;
    readonly since?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  }): AsyncIterable<Change>;
}

/** The namespaces of a store: what dialects and the CLI use to create, find and remove them. */
export interface Catalog {
  create(
    title: string,
    options?: { readonly id?: string; readonly attributes?: Record<string, string> },
  ): Promise<NamespaceRecord>;
}
