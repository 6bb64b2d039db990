import type { Database, RootDatabase, RootDatabaseOptions } from "lmdb";
import { RECLAIM_AFTER_MS } from "../../store/limits.js";
import { EntryKeys } from "./keys.js";

/**
 * A table as the engine uses it: bytes in, bytes out. `getBinaryFast` returns a buffer that the next read
 * overwrites.
 */
export type Table<K extends Uint8Array | string = Uint8Array> = Database<Uint8Array, K> & {
  getBinaryFast(key: K): Buffer | undefined;
};

/** The tables of a data directory. */
export interface Tables {
  /** Namespace number and key -> entry. Keys given as strings belong to `entryKeys.namespace`. */
  readonly entries: Table<Uint8Array | string>;
  readonly entryKeys: EntryKeys;
  /** The same table, with keys as bytes. */
  readonly entryRows: Table;
  /** Blob number and part number -> part of a large value. */
  readonly blobs: Table;
  /** Expiration, namespace number and key -> blob number if the value is large, else nothing. */
  readonly expiry: Table;
  /** Last version of a transaction -> its changes. */
  readonly changes: Table;
  /** Namespace id -> record, as JSON. */
  readonly namespaces: Table;
  /** Namespace title -> id. */
  readonly titles: Table;
  /** Record table and name -> record, as JSON. Called `tokens` on disk: those were the first records. */
  readonly records: Table;
  /** Format, last version and similar numbers. */
  readonly meta: Table;
  /** Due time, kind and number -> nothing: large values and namespaces that nothing refers to any more. */
  readonly reclaim: Table;
  /** How long a replaced large value stays for readers that have begun, in milliseconds. */
  readonly replacedKeptMs: number;
}

/**
 * Returns the bytes in place instead of a copy for each row of a range. Callers copy what they keep. The
 * binding asks a decoder for a row's value, and this one does nothing.
 */
const IN_PLACE = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Buffer) => bytes } as const;

/** Opens every table, and creates missing ones if the directory is writable. */
export function openTables(root: RootDatabase, replacedKeptMs: number = RECLAIM_AFTER_MS): Tables {
  const entryKeys = new EntryKeys();
  const table = (name: string) => openTable(root, { name, keyEncoding: "binary" });
  return {
    entries: openTable(root, { name: "entries", keyEncoder: entryKeys }) as Table<Uint8Array | string>,
    entryKeys,
    entryRows: table("entries"),
    blobs: table("blobs"),
    expiry: table("expiry"),
    changes: table("changes"),
    namespaces: table("namespaces"),
    titles: table("titles"),
    records: table("tokens"),
    meta: table("meta"),
    reclaim: table("reclaim"),
    replacedKeptMs,
  };
}

/** Opens only the table of the directory's own numbers. */
export function openMeta(root: RootDatabase): Table {
  return openTable(root, { name: "meta", keyEncoding: "binary" });
}

/** The names of tables that are not Kvasir's, for example because a name has changed on disk. */
export function unknownTables(root: RootDatabase): readonly string[] {
  return Array.from(root.getKeys({}), String).filter((name) => !TABLE_NAMES.has(name));
}

const TABLE_NAMES: ReadonlySet<string> = new Set([
  "entries",
  "blobs",
  "expiry",
  "changes",
  "namespaces",
  "titles",
  "tokens",
  "meta",
  "reclaim",
]);

function openTable(root: RootDatabase, options: RootDatabaseOptions & { readonly name: string }): Table {
  return root.openDB({ encoding: "binary", encoder: IN_PLACE, ...options }) as Table;
}

/** `name` as the bytes of a key. */
export function nameKey(name: string): Buffer {
  return Buffer.from(name, "utf8");
}

/**
 * The same bytes as a view of exactly their length. The binding returns one large buffer and overrides its
 * `length`, but `subarray`, `set` and similar methods see all of it.
 */
export function exactly(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export type TableName = Exclude<keyof Tables, "entryKeys" | "replacedKeptMs">;

/** The number of rows of a table. LMDB knows it without counting. */
export function rowsOf(table: Table | Table<Uint8Array | string>): number {
  return (table.getStats() as { readonly entryCount: number }).entryCount;
}
