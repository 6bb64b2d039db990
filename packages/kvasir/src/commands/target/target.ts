import type { CreatedToken, CreateTokenOptions, TokenRecord } from "../../api/auth/tokens.js";

/** A namespace as the commands show it. */
export interface NamespaceSummary {
  readonly id: string;
  readonly title: string;
}

export interface ListedKey {
  readonly name: string;
  /** Seconds since the epoch. */
  readonly expiration?: number;
  readonly metadata?: unknown;
}

export interface EntryOptions {
  /** Absolute expiry, in seconds since the epoch. */
  readonly expiration?: number | undefined;
  /** Seconds from now; wins over `expiration`. */
  readonly expirationTtl?: number | undefined;
  /** Anything that JSON can say. */
  readonly metadata?: unknown;
}

export interface BulkEntry extends EntryOptions {
  readonly key: string;
  readonly value: string;
  /** `value` is base64. */
  readonly base64?: boolean | undefined;
}

export type NewToken = Omit<CreateTokenOptions, "clock">;

/**
 * What `kv` and `token` commands work on: a local data directory or a running server. Both give the same
 * answers and fail with a `Failure` or a `KvError`.
 */
export interface Target {
  /** For messages: the directory or the URL. */
  readonly place: string;

  /** By title. */
  listNamespaces(): Promise<readonly NamespaceSummary[]>;
  createNamespace(title: string): Promise<NamespaceSummary>;
  renameNamespace(id: string, title: string): Promise<NamespaceSummary>;
  deleteNamespace(id: string): Promise<void>;
  /** What a config names is created on first use. A server does that itself when it runs the config. */
  ensureNamespace(id: string, title: string): Promise<void>;

  /** `null` when there is no such key. */
  read(namespace: string, key: string): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array> | null>;
  /** Text of up to 100 keys, in the order asked for. */
  readMany(namespace: string, keys: readonly string[]): Promise<ReadonlyMap<string, string | null>>;
  write(namespace: string, key: string, value: Uint8Array, options: EntryOptions): Promise<void>;
  writeMany(namespace: string, entries: readonly BulkEntry[]): Promise<void>;
  delete(namespace: string, key: string): Promise<void>;
  deleteMany(namespace: string, keys: readonly string[]): Promise<void>;
  /** Page by page, so that a large namespace is not held in memory. */
  listKeys(namespace: string, prefix: string): AsyncIterable<readonly ListedKey[]>;

  /** The token itself is in this answer and nowhere else. */
  createToken(token: NewToken): Promise<CreatedToken>;
  listTokens(): Promise<readonly TokenRecord[]>;
  /** Whether there was one. */
  revokeToken(id: string): Promise<boolean>;

  close(): Promise<void>;
}
