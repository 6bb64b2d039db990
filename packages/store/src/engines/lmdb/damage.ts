import { KvError } from "@kvasir/client/namespace";
import { payloadOf } from "./rows.js";
import type { Tables } from "./tables.js";

/** The error for an entry that does not match its checksum. It does not affect other keys. */
export function damagedEntryError(tables: Tables, namespace: number, key: string): KvError {
  return new KvError("storage_corrupt", `${nameOfEntry(tables, namespace, key)} is damaged on disk.`, {
    hint: "Write the key again, delete it, or restore it from a backup; `kvasir check` lists all that is damaged.",
  });
}

/** Names an entry in messages. Looks up the namespace's id, because an entry only has the number. */
export function nameOfEntry(tables: Tables, namespace: number, key: string): string {
  return `The entry ${JSON.stringify(key)} of namespace ${idOf(tables, namespace) ?? `number ${namespace}`}`;
}

function idOf(tables: Tables, number: number): string | undefined {
  for (const { key, value } of tables.namespaces.getRange({})) {
    const record = payloadOf(key, value);
    if (record === null) continue;
    const namespace = JSON.parse(record.toString()) as { readonly id: string; readonly number: number };
    if (namespace.number === number) return namespace.id;
  }
  return undefined;
}
