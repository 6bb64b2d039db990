import { batchesOfEntries } from "./entry-batches.js";
import type { EntrySink, RefusedEntry } from "./entry-sink.js";
import type { EntrySource } from "./entry-source.js";
import type { PortableEntry } from "./portable-entry.js";

/** What became of the entries so far. Each is counted once. */
export interface CopyTotals {
  /** Entries that were read. */
  readonly entries: number;
  readonly written: number;
  /** Bytes of the values that were written. */
  readonly bytes: number;
  /** Their keys were there already. */
  readonly skipped: number;
  readonly expired: number;
  readonly refused: number;
}

/** What {@link copyEntries} resolves with. */
export interface CopyReport extends CopyTotals {
  /** The key that was there already, at which the copy ended because of `onConflict: "fail"`. */
  readonly stoppedAt: string | null;
}

/** A batch that the sink has acknowledged, as all batches before it. */
export interface CopiedBatch {
  readonly entries: readonly PortableEntry[];
  readonly refused: readonly RefusedEntry[];
  /** How many were skipped. It is not known which ones. */
  readonly skipped: number;
  readonly totals: CopyTotals;
}

export interface CopyEntriesOptions {
  readonly prefix?: string | undefined;
  /** Begin with the first key behind this one. */
  readonly after?: string | undefined;
  /** Most entries. @default no limit */
  readonly limit?: number | undefined;
  /** Counted before: what an interrupted copy had done. @default nothing */
  readonly totals?: CopyTotals | undefined;
  /** Put batches of the source together, up to so many entries. @default they are written as they come */
  readonly batchEntries?: number | undefined;
  /** Batches that are written at once. @default 2 */
  readonly batchesInFlight?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with each batch in the order of the keys; the copy goes on when it resolves. */
  readonly onBatch?: ((batch: CopiedBatch) => void | Promise<void>) | undefined;
}

export const NOTHING_COPIED: CopyTotals = {
  entries: 0,
  written: 0,
  bytes: 0,
  skipped: 0,
  expired: 0,
  refused: 0,
};

/**
 * Copies entries from a source to a sink. Memory does not depend on their number: few batches are in flight.
 * It ends at the first key that exists if the sink was created with `onConflict: "fail"`.
 *
 * Rejects with the first error of the source, the sink or `onBatch`, once the batches in flight have ended.
 *
 * @example
 * const { written } = await copyEntries(source, sink, { prefix: "user:" });
 */
export async function copyEntries(
  source: EntrySource,
  sink: EntrySink,
  options: CopyEntriesOptions = {},
): Promise<CopyReport> {
  const { prefix, after, limit, signal, batchEntries, batchesInFlight = BATCHES_IN_FLIGHT } = options;
  const { onBatch } = options;
  let totals = options.totals ?? NOTHING_COPIED;
  let stoppedAt: string | null = null;
  if (limit !== undefined && limit <= 0) return { ...totals, stoppedAt };
  const settle = async (batch: Written): Promise<void> => {
    totals = added(totals, batch);
    const { entries, refused, skipped } = batch;
    stoppedAt ??= conflictIn(batch);
    await onBatch?.({ entries, refused, skipped, totals });
  };
  const inFlight: { readonly written: Promise<Written>; readonly settled: Promise<void> }[] = [];
  let last: Promise<void> = Promise.resolve();
  try {
    const read = source.read({ prefix, after, limit, signal });
    for await (const entries of batchesOfEntries(read, batchEntries)) {
      while (inFlight.length >= batchesInFlight) await inFlight.shift()?.settled;
      signal?.throwIfAborted();
      if (stoppedAt !== null) break;
      const written = writeBatch(sink, entries);
      // In the order of the keys, and as soon as this batch and those before it are written.
      last = Promise.all([written, last]).then(([batch]) => settle(batch));
      // Reported where it is awaited.
      last.catch(() => {});
      inFlight.push({ written, settled: last });
    }
    await last;
    return { ...totals, stoppedAt };
  } finally {
    await Promise.allSettled(inFlight.map(({ written }) => written));
  }
}

const BATCHES_IN_FLIGHT = 2;

interface Written {
  readonly entries: readonly PortableEntry[];
  readonly refused: readonly RefusedEntry[];
  readonly written: number;
  readonly bytes: number;
  readonly skipped: number;
  readonly expired: number;
}

/** Only `onConflict: "fail"` refuses a key that exists. */
function conflictIn({ entries, refused }: Written): string | null {
  const conflict = refused.find(({ error }) => error.code === "condition_failed");
  return conflict === undefined ? null : (entries[conflict.index]?.key ?? null);
}

async function writeBatch(sink: EntrySink, entries: readonly PortableEntry[]): Promise<Written> {
  return { entries, ...(await sink.write(entries)) };
}

function added(totals: CopyTotals, batch: Written): CopyTotals {
  return {
    entries: totals.entries + batch.entries.length,
    written: totals.written + batch.written,
    bytes: totals.bytes + batch.bytes,
    skipped: totals.skipped + batch.skipped,
    expired: totals.expired + batch.expired,
    refused: totals.refused + batch.refused.length,
  };
}
