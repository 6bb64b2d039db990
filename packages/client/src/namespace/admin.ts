import type { DataAdmin } from "./data-admin.js";
import type { KvErrorCode } from "./errors.js";

/** What manages a server or a data directory: its namespaces, its API tokens, and its data as a whole. */
export interface Admin {
  readonly namespaces: NamespaceAdmin;
  readonly tokens: TokenAdmin;
  readonly transfer: TransferAdmin;
  readonly data: DataAdmin;
}

export interface NamespaceInfo {
  readonly id: string;
  readonly title: string;
}

export interface NamespaceAdmin {
  /** All namespaces, ordered by title. A token that is bound to namespaces sees only those. */
  list(): Promise<readonly NamespaceInfo[]>;
  /** @throws KvError `namespace_exists` when another namespace has this title, `title_invalid` */
  create(title: string): Promise<NamespaceInfo>;
  /** @throws KvError `namespace_not_found`, `namespace_exists`, `title_invalid` */
  rename(id: string, title: string): Promise<NamespaceInfo>;
  /**
   * Deletes a namespace with all its entries.
   *
   * @throws KvError `namespace_not_found`
   */
  delete(id: string): Promise<void>;
}

/** `read` reads and lists, `write` also changes keys, `admin` also manages namespaces and tokens. */
export type TokenScope = "read" | "write" | "admin";

export interface NewToken {
  readonly scope: TokenScope;
  /** What the token is for. */
  readonly name?: string | undefined;
  /** Ids of the namespaces that the token may use. @default all */
  readonly namespaces?: readonly string[] | undefined;
  /** When the token ends, in milliseconds since the epoch. @default never */
  readonly expiresMs?: number | undefined;
}

/** What is known of a token. The token itself is not stored. */
export interface TokenRecord extends NewToken {
  /** Identifies the token in {@link TokenAdmin.revoke}. */
  readonly id: string;
  readonly createdMs: number;
}

export interface CreatedToken {
  /** The token itself. Only this response contains it. */
  readonly token: string;
  readonly record: TokenRecord;
}

export interface TokenAdmin {
  /** @throws KvError `bad_request` when a scope, name, namespace or expiry is invalid */
  create(token: NewToken): Promise<CreatedToken>;
  /** Oldest first, including tokens that have expired. */
  list(): Promise<readonly TokenRecord[]>;
  /** Makes a token invalid at once. Returns whether a token with this id existed. */
  revoke(id: string): Promise<boolean>;
}

export interface ExportQuery {
  /** @default "" */
  readonly prefix?: string | undefined;
  /** Begin with the first key behind this one, in the byte order of keys. */
  readonly after?: string | undefined;
  /** Most entries. @default no limit */
  readonly limit?: number | undefined;
  /** Ends the export early. */
  readonly signal?: AbortSignal | undefined;
}

export interface ImportQuery {
  /** What to do with an entry whose key is there already. @default "overwrite" */
  readonly onConflict?: "overwrite" | "skip" | "fail" | undefined;
  /** Counts what would be written, and writes nothing. @default false */
  readonly dryRun?: boolean | undefined;
}

/** An entry of a file that was not stored. */
export interface ImportProblem {
  /** Its line in JSON Lines, from 1. */
  readonly line?: number;
  /** Its place in an array, from 1. */
  readonly item?: number;
  /** If it can be told. */
  readonly key?: string;
  readonly code: KvErrorCode;
  readonly message: string;
}

/** What became of a file of entries: each of them is counted once. */
export interface ImportResult {
  /** Entries that were written, or in a trial would be. */
  readonly entries: number;
  /** Bytes of their values. */
  readonly bytes: number;
  /** Their keys were there already. */
  readonly skipped: number;
  /** They had expired, so they were not written. */
  readonly expired: number;
  /** They could not be stored. */
  readonly refused: number;
  /** Whether it ended at a key that was there already, because of `onConflict: "fail"`. */
  readonly stopped: boolean;
  /** Why entries were refused: the first 16,384 of them. */
  readonly problems: readonly ImportProblem[];
}

/** Entries in a file: JSON Lines, or the array that `wrangler kv bulk put` takes. */
export type EntryFile = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/** Entries as files, with everything that belongs to them. Memory does not depend on their number. */
export interface TransferAdmin {
  /**
   * The entries of a namespace as JSON Lines, after a line that names it. Entries that are written meanwhile may or
   * may not be among them. The stream fails if it is cut off, so a part is never taken for the whole.
   *
   * @throws KvError `namespace_not_found`
   */
  export(namespace: string, options?: ExportQuery): Promise<ReadableStream<Uint8Array>>;
  /** All namespaces that the token may read, one after the other. */
  exportAll(options?: Pick<ExportQuery, "prefix" | "signal">): Promise<ReadableStream<Uint8Array>>;
  /**
   * Writes the entries of a file to a namespace. An entry that cannot be stored does not keep the others out. A
   * second import of the same file leaves the same data. It may take any time, as long as the file keeps coming.
   *
   * @throws KvError `bad_request` for a file of another tool, or with several namespaces; `namespace_not_found`,
   *   `storage_full`; entries before that have been written
   */
  import(namespace: string, file: EntryFile, options?: ImportQuery): Promise<ImportResult>;
  /** The same for all namespaces of the file, by their titles. Creates those that are missing. */
  importAll(file: EntryFile, options?: ImportQuery): Promise<ImportResult>;
  /**
   * Deletes the entries with these keys, of any number. Missing keys are not an error. Each delete is atomic, all of
   * them together are not.
   *
   * @throws KvError `key_invalid`, `key_too_long` for a key that no entry can have, and then nothing is deleted;
   *   `namespace_not_found`
   */
  delete(namespace: string, keys: readonly string[]): Promise<void>;
}
