import type { EntrySink, WriteReport } from "./entry-sink.js";
import type { NamespaceHeader } from "./parse-entry.js";
import type { ReadItem, RefusedItem } from "./read-items.js";

/** What became of a file of entries: each of them is counted once. */
export interface ImportReport {
  /** Entries that were written, or in a trial would be. */
  readonly entries: number;
  /** Bytes of their values. */
  readonly bytes: number;
  /** Their keys were there already. */
  readonly skipped: number;
  /** They had expired, so they were not written. */
  readonly expired: number;
  /** They could not be stored. */
  readonly refused: number;
  /** Whether it ended at a key that was there already, because of `onConflict: "fail"`. */
  readonly stopped: boolean;
}

export interface ImportItemsOptions {
  /**
   * Chooses what the entries behind a line that names a namespace are written to. `null`: there was no such line.
   *
   * @throws KvError why there is no place for them
   */
  sinkFor(namespace: NamespaceHeader | null): Promise<EntrySink>;
  /** Called with each entry that cannot be stored. The import goes on when it resolves. */
  readonly onRefused?: ((refused: RefusedItem) => void | Promise<void>) | undefined;
  /** Called after each batch. */
  readonly onProgress?: ((report: ImportReport) => void) | undefined;
}

type EntryItem = ReadItem & { readonly type: "entry" };

/**
 * Writes what {@link readItems} reads. Parses the next batch while the one before is written; writes are in order, so
 * that the later of two entries with one key wins.
 *
 * @throws what reading, `sinkFor` or writing throws. What was written before remains.
 */
export async function importItems(
  batches: AsyncIterable<readonly ReadItem[]>,
  options: ImportItemsOptions,
): Promise<ImportReport> {
  const total = { entries: 0, bytes: 0, skipped: 0, expired: 0, refused: 0, stopped: false };
  const refuse = async (item: RefusedItem): Promise<void> => {
    total.refused++;
    await options.onRefused?.(item);
  };
  let sink: EntrySink | undefined;
  let writing: Promise<void> = Promise.resolve();

  const count = async (items: readonly EntryItem[], { refused, ...report }: WriteReport): Promise<void> => {
    total.entries += report.written;
    total.skipped += report.skipped;
    total.expired += report.expired;
    for (const { index, error } of refused) {
      const { unit, number, entry } = items[index] as EntryItem;
      await refuse({ type: "refused", unit, number, key: entry.key, error });
      if (error.code === "condition_failed") total.stopped = true;
    }
    total.bytes += report.bytes;
    options.onProgress?.({ ...total });
  };
  const write = async (items: readonly EntryItem[]): Promise<void> => {
    if (items.length === 0) return;
    sink ??= await options.sinkFor(null);
    const target = sink;
    await writing;
    if (total.stopped) return;
    writing = target.write(items.map(({ entry }) => entry)).then((report) => count(items, report));
    // The error is thrown where it is awaited: not before the next batch has been parsed.
    writing.catch(() => {});
  };

  try {
    for await (const batch of batches) {
      let items: EntryItem[] = [];
      for (const item of batch) {
        if (item.type === "entry") items.push(item);
        else if (item.type === "refused") await refuse(item);
        else {
          await write(items);
          items = [];
          await writing;
          sink = await options.sinkFor(item.namespace);
        }
      }
      await write(items);
      if (total.stopped) break;
    }
  } finally {
    await writing;
  }
  return total;
}
