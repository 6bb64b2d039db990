import { KvError } from "../errors.js";
import type { KVNamespace, KVNamespacePutOptions } from "../kv-namespace.js";
import { CHANGE_ATTEMPTS_MAX, CHANGE_PAUSE_MS_MAX } from "./limits.js";
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
  { random, sleep }: Pick<RecipeSurroundings, "random" | "sleep">,
): Promise<Result> {
  for (let attempt = 1; attempt <= CHANGE_ATTEMPTS_MAX; attempt++) {
    const { value, metadata, version } = await kv.getWithMetadata(key, { type: "text", version: true });
    const current = value === null || version === null ? null : { value, metadata, version };
    const { put, result } = await change(current);
    if (put === undefined) return result;
    const condition = current === null ? ({ ifAbsent: true } as const) : { ifVersion: current.version };
    const { ok } = await kv.put(key, put.value, { ...put.options, ...condition });
    if (ok) return result;
    // Somebody else went first. Random pauses keep those who collided from colliding again.
    await sleep(random() * Math.min(CHANGE_PAUSE_MS_MAX, 2 ** attempt));
  }
  throw new KvError(
    "contended",
    `Others changed ${JSON.stringify(key)} at each of ${CHANGE_ATTEMPTS_MAX} attempts.`,
    {
      hint: "Try again later, or spread the writes over more keys.",
    },
  );
}
