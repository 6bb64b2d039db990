import { KvError } from "@kvasir/client/namespace";
import type { Clock } from "../store/clock.js";
import type { Store } from "../store/store.js";
import type { WriteOutcome } from "../store/write.js";
import { checkEntry } from "./check-entry.js";
import type { EntrySink, OnConflict, RefusedEntry, WriteReport } from "./entry-sink.js";
import type { PortableEntry } from "./portable-entry.js";

export interface SinkOptions {
  /**
   * `fail` refuses an entry whose key is there already, with `condition_failed`.
   *
   * @default "overwrite"
   */
  readonly onConflict?: OnConflict | undefined;
  /** Counts what would be written, and writes nothing. @default false */
  readonly dryRun?: boolean | undefined;
}

type Put = { readonly type: "put" } & PortableEntry;

/** What became of a batch, while it is counted. */
interface Counts {
  written: number;
  bytes: number;
  skipped: number;
  readonly refused: RefusedEntry[];
}

/**
 * Writes entries to a namespace of any store. Each is one write: a batch is not atomic. If the same key comes twice,
 * the later entry wins.
 *
 * `write()` rejects with what concerns all entries: `namespace_not_found`, `storage_full`, `storage_read_only`,
 * `unavailable`. Some entries of the batch may have been written then.
 */
export function namespaceSink(
  { entries }: Pick<Store, "entries">,
  namespace: string,
  { clock, onConflict = "overwrite", dryRun = false }: SinkOptions & { readonly clock: Clock },
): EntrySink {
  const writeWhereAbsent = (puts: readonly Put[]): Promise<readonly WriteOutcome[]> =>
    allOrFirstError(puts.map(({ key, type: _type, ...input }) => entries.put(namespace, key, input, null)));

  /** In the order of `puts`: whether the key is there already. */
  const conflictsOf = async (puts: readonly Put[]): Promise<readonly boolean[]> => {
    if (dryRun) {
      if (onConflict === "overwrite") return puts.map(() => false);
      return (
        await entries.getMany(
          namespace,
          puts.map(({ key }) => key),
        )
      ).map((entry) => entry !== null);
    }
    if (onConflict === "overwrite") {
      await entries.writeMany(namespace, puts);
      return puts.map(() => false);
    }
    return (await writeWhereAbsent(puts)).map(({ ok }) => !ok);
  };

  return {
    async write(batch) {
      const nowMs = clock.nowMs();
      const counts: Counts = { written: 0, bytes: 0, skipped: 0, refused: [] };
      let expired = 0;
      const puts: Put[] = [];
      const indexes: number[] = [];
      for (const [index, entry] of batch.entries()) {
        if (entry.expirationMs !== null && entry.expirationMs <= nowMs) expired++;
        else {
          const checked = checkedOr(entry, (error) => counts.refused.push({ index, error }));
          if (checked === undefined) continue;
          puts.push({ type: "put", ...checked });
          indexes.push(index);
        }
      }
      const conflicts = puts.length === 0 ? [] : await conflictsOf(puts);
      for (const [at, isThere] of conflicts.entries()) {
        if (!isThere) {
          counts.written++;
          counts.bytes += (puts[at] as Put).value.byteLength;
        } else if (onConflict === "skip") counts.skipped++;
        else counts.refused.push({ index: indexes[at] as number, error: conflictError() });
      }
      counts.refused.sort((a, b) => a.index - b.index);
      return { ...counts, expired } satisfies WriteReport;
    },
  };
}

/** Waits for all of them, so that no write goes on unseen. */
async function allOrFirstError<T>(writes: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(writes);
  return settled.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

function checkedOr(entry: PortableEntry, refuse: (error: KvError) => void): PortableEntry | undefined {
  try {
    return checkEntry(entry);
  } catch (error) {
    if (!(error instanceof KvError)) throw error;
    refuse(error);
    return undefined;
  }
}

function conflictError(): KvError {
  return new KvError("condition_failed", "The key is there already.", {
    hint: "Give --on-conflict skip to keep what is there, or overwrite to replace it.",
  });
}
