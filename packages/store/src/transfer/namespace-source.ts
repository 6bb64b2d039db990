import { bytesOf } from "../rules/entry-value.js";
import type { ListedEntry } from "../store/listing.js";
import type { Store } from "../store/store.js";
import type { EntrySource, ReadEntriesOptions } from "./entry-source.js";
import { EXPORT_PAGE_ENTRIES, TRANSFER_BATCH_BYTES } from "./limits.js";
import type { PortableEntry } from "./portable-entry.js";

export interface NamespaceSourceOptions {
  /**
   * Called before a value that is not in memory is read, with its bytes. Reading goes on when it resolves.
   *
   * @default not called
   */
  readonly onLargeValue?: ((bytes: number) => Promise<void> | undefined) | undefined;
}

/**
 * The entries of a namespace of any store.
 *
 * Reading rejects with `namespace_not_found`, and with `storage_corrupt` for a damaged entry, which it names: leaving
 * it out would make an export look complete.
 */
export function namespaceSource(
  { entries }: Pick<Store, "entries">,
  namespace: string,
  options: NamespaceSourceOptions = {},
): EntrySource {
  return {
    async *read({ prefix, after: from, limit = Number.POSITIVE_INFINITY, signal }: ReadEntriesOptions = {}) {
      let left = limit;
      let after: string | undefined = from;
      do {
        signal?.throwIfAborted();
        if (left <= 0) return;
        const page = await entries.list(namespace, {
          prefix: prefix || undefined,
          after,
          limit: Math.min(left, EXPORT_PAGE_ENTRIES),
          values: true,
        });
        left -= page.entries.length;
        after = page.after ?? undefined;
        for await (const batch of batchesOf(page.entries, options)) {
          signal?.throwIfAborted();
          yield batch;
        }
      } while (after !== undefined);
    },
  };
}

/** Reads large values when their turn comes, so that few of them are in memory together. */
async function* batchesOf(
  listed: readonly ListedEntry[],
  { onLargeValue }: NamespaceSourceOptions,
): AsyncGenerator<readonly PortableEntry[], void> {
  let batch: PortableEntry[] = [];
  let bytes = 0;
  for (const row of listed) {
    const { value = NO_VALUE } = row;
    if (!(value instanceof Uint8Array)) {
      if (batch.length > 0 && bytes + value.byteLength > TRANSFER_BATCH_BYTES) {
        yield batch;
        [batch, bytes] = [[], 0];
      }
      const ready = onLargeValue?.(value.byteLength);
      if (ready !== undefined) await ready;
    }
    const whole = value instanceof Uint8Array ? value : await bytesOf(value);
    const { key, expirationMs, metadata, contentType = null } = row;
    batch.push({ key, value: whole, expirationMs, metadata, contentType });
    bytes += whole.byteLength;
    if (bytes < TRANSFER_BATCH_BYTES) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

const NO_VALUE = new Uint8Array(0);
