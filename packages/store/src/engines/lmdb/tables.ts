import type { Database, RootDatabase, RootDatabaseOptions } from "lmdb";
import { EntryKeys } from "./keys.js";

/**
 * A table as the engine uses it: bytes in, bytes out. `getBinaryFast` answers with a buffer that the next read
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
  /** The same table with its keys as bytes. */
  readonly entryRows: Table;
  /** Blob number and part number -> part of a large value. */
  readonly blobs: Table;
  /** Expiration, namespace number and key -> blob number when the value is large, else nothing. */
  readonly expiry: Table;
  /** Last version of a transaction -> what it changed. */
  readonly changes: Table;
  /** Namespace id -> record, as JSON. */
  readonly namespaces: Table;
  /** Namespace title -> id. */
  readonly titles: Table;
  /** Record table and name -> record, as JSON. Called `tokens` on disk: those were the first records. */
  readonly records: Table;
  /** Format, last version, and the like. */
  readonly meta: Table;
  /** Due time and what -> nothing: large values and namespaces that nothing refers to any more. */
  readonly reclaim: Table;
}

/**
 * Hands out the bytes where they lie instead of copying them for each row of a range; whoever keeps some copies
 * them. The binding asks a decoder for a row's value and this one has nothing to do.
 */
const IN_PLACE = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Buffer) => bytes } as const;

/** Opens every table, in a directory that may be written also making it. */
export function openTables(root: RootDatabase): Tables {
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
  };
}

/** The table of the directory's own numbers alone. */
export function openMeta(root: RootDatabase): Table {
  return openTable(root, { name: "meta", keyEncoding: "binary" });
}

/** Names of tables that are none of ours, where a disk has changed a name for example. */
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

/** Bytes of `name` as a key. */
export function nameKey(name: string): Buffer {
  return Buffer.from(name, "utf8");
}

/**
 * The same bytes as a view of exactly their length. What the binding hands out is one large buffer whose `length`
 * it overrides: `subarray`, `set` and the like see all of it.
 */
export function exactly(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export type TableName = Exclude<keyof Tables, "entryKeys">;

/** How many rows a table has; known without counting. */
export function rowsOf(table: Table | Table<Uint8Array | string>): number {
  return (table.getStats() as { readonly entryCount: number }).entryCount;
}
