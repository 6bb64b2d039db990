import { KvError } from "@kvasir/client/namespace";
import { CHECKSUM_BYTES, checksumOf, isSealed, seal } from "./checksum.js";
import { exactly, type Table } from "./tables.js";

/** The rows of every table except `entries`: a payload, then the checksum of key and payload. */

/** Inside a write transaction. */
export function putRow(table: Table, key: Uint8Array, payload: Uint8Array): void {
  table.putSync(key, sealed(key, payload));
}

/**
 * Returns the payload, as a view of memory that the next read overwrites.
 *
 * @throws KvError `storage_corrupt`, with `what` as its subject
 */
export function readRow(table: Table, key: Uint8Array, what: string): Buffer | undefined {
  const bytes = table.getBinaryFast(key);
  if (bytes === undefined) return undefined;
  const payload = payloadOf(key, bytes);
  if (payload === null) throw damagedRowError(what);
  return payload;
}

/** The payload of a row in a range, not copied. `null` if the row or its key is damaged. */
export function payloadOf(key: Uint8Array, bytes: Uint8Array): Buffer | null {
  if (!isSealed(bytes, checksumOf(key, 0, key.length))) return null;
  return exactly(bytes).subarray(0, bytes.length - CHECKSUM_BYTES);
}

/** A row in its form on disk. */
export function sealed(key: Uint8Array, payload: Uint8Array): Buffer {
  const row = Buffer.allocUnsafe(payload.length + CHECKSUM_BYTES);
  row.set(payload);
  seal(row, checksumOf(key, 0, key.length));
  return row;
}

export function damagedRowError(what: string): KvError {
  return new KvError("storage_corrupt", `${what} is damaged on disk.`, {
    hint: "Run `kvasir check` to see what else is damaged, and restore the data directory from a backup.",
  });
}
