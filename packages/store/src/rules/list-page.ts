import type { LargeValue } from "../store/entry.js";
import type { ListedEntry, ListPage } from "../store/listing.js";
import { cursorOf } from "./cursor.js";

export interface NamespaceListEntry {
  readonly name: string;
  /** Seconds since the epoch. */
  readonly expiration: number | undefined;
  /** JSON text. */
  readonly metadata: string | undefined;
  readonly version: number;
  readonly valueBytes: number;
  readonly modifiedMs: number;
  /** Only when the list asked for values. */
  readonly value: Uint8Array | LargeValue | undefined;
  /** The entry is damaged on disk: only its name is known. */
  readonly damaged: true | undefined;
}

export interface NamespaceListPage {
  readonly keys: readonly NamespaceListEntry[];
  /** `null` on the last page. */
  readonly cursor: string | null;
}

/** A store's page as Workers KV lists it. Large values are still to be read. */
export function renderPage({ entries, after }: ListPage): NamespaceListPage {
  return { keys: entries.map(listEntry), cursor: after === null ? null : cursorOf(after) };
}

function listEntry(entry: ListedEntry): NamespaceListEntry {
  return {
    name: entry.key,
    // Absolute seconds, rounded down: the key must not expire before the time that is listed.
    expiration: entry.expirationMs === null ? undefined : Math.floor(entry.expirationMs / 1000),
    metadata: entry.metadata ?? undefined,
    version: entry.version,
    valueBytes: entry.valueBytes,
    modifiedMs: entry.modifiedMs,
    value: entry.value,
    damaged: entry.damaged,
  };
}
