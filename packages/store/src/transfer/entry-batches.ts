import type { PortableEntry } from "./portable-entry.js";

/** A batch takes no further entry once its values have this many bytes (4 MiB). */
const BATCH_BYTES = 4_194_304;
const BATCH_ENTRIES = 1_000;

/** The same entries in batches of another size, in the same order. */
export async function* batchesOfEntries(
  batches: AsyncIterable<readonly PortableEntry[]>,
  entriesMax: number = BATCH_ENTRIES,
): AsyncGenerator<readonly PortableEntry[], void> {
  let batch: PortableEntry[] = [];
  let bytes = 0;
  for await (const entries of batches) {
    for (const entry of entries) {
      batch.push(entry);
      bytes += entry.value.byteLength;
      if (batch.length < entriesMax && bytes < BATCH_BYTES) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
