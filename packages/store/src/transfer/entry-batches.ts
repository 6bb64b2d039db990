import { TRANSFER_BATCH_BYTES } from "./limits.js";
import type { PortableEntry } from "./portable-entry.js";

/** The same entries in the same order, in batches of up to `entriesMax`, or as they come. */
export async function* batchesOfEntries(
  batches: AsyncIterable<readonly PortableEntry[]>,
  entriesMax: number | undefined,
): AsyncGenerator<readonly PortableEntry[], void> {
  if (entriesMax === undefined) {
    yield* batches;
    return;
  }
  let batch: PortableEntry[] = [];
  let bytes = 0;
  for await (const entries of batches) {
    for (const entry of entries) {
      batch.push(entry);
      bytes += entry.value.byteLength;
      if (batch.length < entriesMax && bytes < TRANSFER_BATCH_BYTES) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
