/** Slices of at most `size` items and about `bytesMax` bytes; an item that is larger alone is a slice of its own. */
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

/** Bytes of one request of a bulk write: well under the 100 MB that the API takes. */
export const BULK_REQUEST_BYTES_MAX = 50_000_000;
/** Entries of one request; wrangler's number. */
export const BULK_ENTRIES_MAX = 1000;
