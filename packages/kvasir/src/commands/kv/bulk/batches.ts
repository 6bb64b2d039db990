import { ATOMIC_OPERATIONS_MAX } from "@kvasir/client/namespace";

/** Slices of at most `size` items and at most `bytesMax` bytes. A larger item is a slice of its own. */
export function* batchesOf<T>(
  items: readonly T[],
  options: { readonly size: number; readonly bytesMax: number; readonly bytesOf: (item: T) => number },
): Generator<readonly T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const itemBytes = options.bytesOf(item);
    if (batch.length > 0 && (batch.length >= options.size || bytes + itemBytes > options.bytesMax)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += itemBytes;
  }
  if (batch.length > 0) yield batch;
}

/** Entries of one commit. */
export const BULK_ENTRIES_MAX = ATOMIC_OPERATIONS_MAX;
