import { KvError } from "@kvasir/client/namespace";
import { checksumOf, isSealed } from "./checksum.js";
import type { Table } from "./tables.js";

/**
 * Whether what a search did not find is really not there.
 *
 * A search goes wrong when a key that it compares with has changed on disk. All later comparisons then lead back to that
 * key, so it is next to where the search ends, and out of order with the row on its other side. A damaged key that is
 * still in order misleads only the search for the key that it was before.
 */

/**
 * Throws what `damagedError` makes unless there is certainly no row `key`. A damaged row beside its place may have been
 * it.
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
 * Throws if a range from `from` up to before `to`, in which a search found nothing, may hold rows all the same.
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

/** Looks at the row next to `start`; only if that is damaged also at the one behind it. */
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
