import type { KVNamespace, KVNamespacePutOptions } from "../../namespace/kv-namespace.js";
import { untilUncontended } from "./contention.js";
import type { RecipeSurroundings } from "./options.js";

/** A stored entry: text, metadata and version. `null` if there is none. */
export interface CurrentEntry {
  readonly value: string;
  readonly metadata: unknown;
  readonly version: number;
}

/** A decision about an entry: no write (`undefined`), or a new value. The caller gets `result`. */
export interface EntryChange<Result> {
  readonly put?: { readonly value: string; readonly options?: KVNamespacePutOptions } | undefined;
  readonly result: Result;
}

/**
 * Reads an entry, lets `change` decide, and writes if the entry has not changed in between. Otherwise it
 * starts again. So `change` may run several times and must have no side effects.
 *
 * @throws KvError `contended` if there were too many concurrent changes
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
