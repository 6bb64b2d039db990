import { cursorOf } from "./cursor.js";
import { bytesOf } from "./entry-value.js";
import type { ListedEntry, ListPage, MaybePromise } from "./store.js";

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
  readonly value: Uint8Array | undefined;
  /** The entry is damaged on disk: its name is all that is known. */
  readonly damaged: true | undefined;
}

export interface NamespaceListPage {
  readonly keys: readonly NamespaceListEntry[];
  /** `null` on the last page. */
  readonly cursor: string | null;
}

/** A store's page as Workers KV lists it; large values are gathered on the way. */
export function renderPage(page: ListPage): MaybePromise<NamespaceListPage> {
  if (page.entries[0]?.value === undefined) return rendered(page, []);
  const values = page.entries.map(({ value }) => (value === undefined ? undefined : bytesOf(value)));
  return values.some((value) => value instanceof Promise)
    ? Promise.all(values).then((read) => rendered(page, read))
    : rendered(page, values as (Uint8Array | undefined)[]);
}

function rendered(page: ListPage, values: readonly (Uint8Array | undefined)[]): NamespaceListPage {
  return {
    keys: page.entries.map((entry, at) => listEntry(entry, values[at])),
    cursor: page.after === null ? null : cursorOf(page.after),
  };
}

function listEntry(entry: ListedEntry, value: Uint8Array | undefined): NamespaceListEntry {
  return {
    name: entry.key,
    // Absolute seconds; a store of finer expiries rounds down, so that nobody counts on a key that is gone.
    expiration: entry.expirationMs === null ? undefined : Math.floor(entry.expirationMs / 1000),
    metadata: entry.metadata ?? undefined,
    version: entry.version,
    valueBytes: entry.valueBytes,
    modifiedMs: entry.modifiedMs,
    value,
    damaged: entry.damaged,
  };
}
