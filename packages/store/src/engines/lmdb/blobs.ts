import type { KvError } from "@kvasir/client/namespace";
import type { LargeValue } from "../../store/entry.js";
import { replacedError } from "../../store/errors.js";
import { PART_BYTES } from "../../store/limits.js";
import type { StagedValue } from "../../store/write.js";
import type { BlobReference } from "./entry-codec.js";
import { readU32, readU56, U56_BYTES, writeU32, writeU56 } from "./numbers.js";
import { payloadOf, putRow } from "./rows.js";
import type { Tables } from "./tables.js";

/**
 * Large values, stored in parts of `PART_BYTES`. Lists never page them in, and no transaction carries a whole
 * one.
 */

export function writePart(tables: Tables, blob: number, part: number, bytes: Uint8Array): void {
  putRow(tables.blobs, partKey(blob, part), bytes);
}

/** Inside a transaction: writes the parts of a value that is in memory. */
export function writeParts(tables: Tables, blob: number, value: Uint8Array): void {
  for (let part = 0; part < partsOf(value.length); part++) {
    writePart(tables, blob, part, value.subarray(part * PART_BYTES, (part + 1) * PART_BYTES));
  }
}

export interface SliceResult {
  readonly removed: number;
  readonly done: boolean;
}

export function deleteParts(tables: Tables, blob: number, limit: number): SliceResult {
  const keys: Buffer[] = [];
  for (const key of tables.blobs.getKeys({ start: partKey(blob, 0), end: partKey(blob + 1, 0), limit })) {
    keys.push(Buffer.from(key));
  }
  for (const key of keys) tables.blobs.removeSync(key);
  return { removed: keys.length, done: keys.length < limit };
}

export function partsOf(byteLength: number): number {
  return Math.ceil(byteLength / PART_BYTES);
}

/** Bytes of one part of a value of this length. */
function partLength(byteLength: number, part: number): number {
  return Math.min(PART_BYTES, byteLength - part * PART_BYTES);
}

/** How a large value reads its parts. */
export interface BlobAccess {
  /** Returns a copy of the row. */
  readonly read: (key: Buffer) => Uint8Array | undefined;
  /** The error for a part whose checksum is wrong. */
  readonly damagedError: () => KvError;
}

/** A large value that is read part by part. Each part comes from the tables as they are when it is read. */
export class StoredBlob implements LargeValue {
  readonly byteLength: number;
  readonly #blob: number;
  readonly #access: BlobAccess;

  constructor(reference: BlobReference, access: BlobAccess) {
    this.byteLength = reference.byteLength;
    this.#blob = reference.blob;
    this.#access = access;
  }

  *parts(): Generator<Uint8Array> {
    for (let part = 0; part < partsOf(this.byteLength); part++) {
      const key = partKey(this.#blob, part);
      const row = this.#access.read(key);
      if (row === undefined) throw replacedError();
      const bytes = payloadOf(key, row);
      if (bytes?.length !== partLength(this.byteLength, part)) throw this.#access.damagedError();
      yield bytes;
    }
  }
}

/**
 * A staged value: its blob number and the time at which it is reclaimed. Together they are the key of its
 * row.
 */
export interface StagedBlob {
  readonly blob: number;
  readonly dueMs: number;
}

export function stagedValue(staged: StagedBlob, byteLength: number): StagedValue {
  return { blobId: `${staged.blob}.${staged.dueMs}`, byteLength };
}

export function parseStaged(value: StagedValue): StagedBlob {
  const [blob, dueMs] = value.blobId.split(".");
  return { blob: Number(blob), dueMs: Number(dueMs) };
}

/** The blob number and the part number in a key of the table. */
export function parsePartKey(key: Uint8Array): { readonly blob: number; readonly part: number } {
  return { blob: readU56(key, 0), part: readU32(key, U56_BYTES) };
}

function partKey(blob: number, part: number): Buffer {
  const key = Buffer.allocUnsafe(U56_BYTES + 4);
  writeU32(key, writeU56(key, 0, blob), part);
  return key;
}
