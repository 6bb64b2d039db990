import type { KVNamespace, KVNamespacePutOptions } from "../namespace/kv-namespace.js";
import { untilUncontended } from "./contention.js";
import type { RecipeSurroundings } from "./options.js";

/** What is stored: its text, metadata and version. `null` where there is nothing. */
export interface CurrentEntry {
  readonly value: string;
  readonly metadata: unknown;
  readonly version: number;
}

/** What becomes of an entry: nothing (`undefined`), or a new value. `result` is what the caller gets. */
export interface EntryChange<Result> {
  readonly put?: { readonly value: string; readonly options?: KVNamespacePutOptions } | undefined;
  readonly result: Result;
}

/**
 * Reads an entry, lets `change` decide, and writes only if nobody else wrote in between; otherwise again. So `change`
 * may run several times, and must have no effect of its own.
 *
 * @throws KvError `contended` when others kept getting in the way
 */
export async function changeEntry<Result>(
  kv: KVNamespace,
  key: string,
  change: (current: CurrentEntry | null) => EntryChange<Result> | Promise<EntryChange<Result>>,
  waiting: Pick<RecipeSurroundings, "random" | "sleep">,
): Promise<Result> {
  return untilUncontended(
    JSON.stringify(key),
    async () => {
      const { value, metadata, version } = await kv.getWithMetadata(key, { type: "text", version: true });
      const current = value === null || version === null ? null : { value, metadata, version };
      const { put, result } = await change(current);
      if (put === undefined) return { result };
      const condition = current === null ? ({ ifAbsent: true } as const) : { ifVersion: current.version };
      const { ok } = await kv.put(key, put.value, { ...put.options, ...condition });
      return ok ? { result } : undefined;
    },
    waiting,
  );
}
