import type { KVNamespace, KVNamespacePutOptions } from "@kvasir/client/namespace";

/** An entry as the user gives it. */
export interface NewEntry extends KVNamespacePutOptions {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Writes all the entries, or none of them if one is invalid. */
export async function writeEntries(namespace: KVNamespace, entries: readonly NewEntry[]): Promise<void> {
  const commit = namespace.atomic();
  for (const { key, value, ...options } of entries) commit.put(key, value, options);
  await commit.commit();
}
