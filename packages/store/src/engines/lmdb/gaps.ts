import { KvError } from "@kvasir/client/namespace";
import { checksumOf, isSealed } from "./checksum.js";
import type { Table } from "./tables.js";

/**
 * Decides whether a row that a search did not find is really absent.
 *
 * A search goes wrong when it compares with a key that has changed on disk. All later comparisons then lead
 * back to that key. The damaged key is therefore next to the place where the search ends, and out of order
 * with the row on its other side. A damaged key that is still in order misleads only the search for the key
 * that it was before.
 */

/**
 * Throws the result of `damagedError` unless the row `key` is certainly absent. A damaged row next to the
 * key's place may have been that row.
 *
 * @throws KvError `storage_corrupt`
 */
export function assertAbsent(
  table: Table,
  key: Buffer,
  damagedError: () => KvError = damagedNeighborError,
): void {
  for (const reverse of [false, true]) {
    for (const row of table.getRange({ start: key, reverse, limit: 1 })) {
      const order = key.compare(row.key);
      if (order === 0 || order > 0 !== reverse || !isIntactRow(row)) throw damagedError();
    }
  }
}

/**
 * Throws if the range from `from` up to, not including, `to` may hold rows although a search found none.
 *
 * @throws KvError `storage_corrupt`
 */
export function assertNothingBetween(table: Table, from: Buffer, to: Buffer): void {
  assertInOrder(table, from, { reverse: false, isOutside: (key) => to.compare(key) <= 0 });
  assertInOrder(table, to, { reverse: true, isOutside: (key) => from.compare(key) > 0 });
}

interface Side {
  readonly reverse: boolean;
  readonly isOutside: (key: Uint8Array) => boolean;
}

/** Checks the row next to `start`, and the one behind it if the first is damaged. */
function assertInOrder(table: Table, start: Buffer, { reverse, isOutside }: Side): void {
  let nearest: Buffer | null = null;
  for (const row of table.getRange({ start, reverse, exclusiveStart: reverse, limit: 2 })) {
    const inOrder = nearest === null ? isOutside(row.key) : nearest.compare(row.key) > 0 === reverse;
    if (!inOrder) throw damagedNeighborError();
    if (nearest !== null || isIntactRow(row)) return;
    nearest = Buffer.from(row.key);
  }
}

function isIntactRow({ key, value }: { readonly key: Uint8Array; readonly value: Uint8Array }): boolean {
  return isSealed(value, checksumOf(key, 0, key.length));
}

function damagedNeighborError(): KvError {
  return new KvError(
    "storage_corrupt",
    "An entry is damaged on disk, so it cannot be told whether there is another one beside it.",
    {
      hint: "Run `kvasir check` to see which entry, then write that key again, delete it, or restore it from a backup.",
    },
  );
}
