import { KvError } from "@kvasir/client/namespace";
import { endSentence } from "../../../failure/failure.js";

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

/**
 * Calls `work` with one batch after the other.
 *
 * @throws KvError the error of a batch, with how many items were done before it
 */
export async function forEachBatch<T>(
  batches: Iterable<readonly T[]>,
  { total, done }: { readonly total: number; readonly done: string },
  work: (batch: readonly T[]) => Promise<void>,
): Promise<void> {
  let count = 0;
  for (const batch of batches) {
    try {
      await work(batch);
    } catch (error) {
      if (!(error instanceof KvError) || count === 0) throw error;
      const { code, message, hint } = error;
      throw new KvError(code, `${endSentence(message)} ${count} of ${total} were ${done} before.`, {
        hint: hint ?? "Run the command again to do the rest.",
        cause: error,
      });
    }
    count += batch.length;
  }
}
