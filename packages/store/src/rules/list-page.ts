import { KvError, LIST_LIMIT_MAX, type ListedPage, type ListQuery } from "@kvasir/client/namespace";
import type { LargeValue } from "../store/entry.js";
import type { ListedEntry, ListPage } from "../store/listing.js";
import { cursorOf } from "./cursor.js";
import { textOf } from "./namespace-entry.js";

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

/** A page as callers in this process see it: values are text, and what was not asked for is left out. */
export async function listedPage(
  page: NamespaceListPage,
  { versions }: Pick<ListQuery, "versions">,
): Promise<ListedPage> {
  const texts = await textsOf(page);
  const keys = page.keys.map(({ name, expiration, metadata, version, damaged }, at) => ({
    name,
    ...(expiration !== undefined && { expiration }),
    ...(metadata !== undefined && { metadata }),
    ...(texts[at] !== undefined && { value: texts[at] }),
    ...(versions && !damaged && { version }),
    ...(damaged && { damaged }),
  }));
  return page.cursor === null
    ? { keys, list_complete: true }
    : { keys, list_complete: false, cursor: page.cursor };
}

/** By position; empty for a page without values. */
async function textsOf({ keys }: NamespaceListPage): Promise<readonly (string | undefined)[]> {
  if (keys[0]?.value === undefined) return [];
  return Promise.all(keys.map(({ value }) => value && textOf(value)));
}

/** @throws KvError `limit_invalid` */
export function checkListLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new KvError(
      "limit_invalid",
      `Invalid key_count_limit of ${limit}. Please specify an integer greater than 0.`,
    );
  }
  if (limit > LIST_LIMIT_MAX) {
    // "less than" although 1,000 itself is accepted: that is the text that Workers KV answers.
    throw new KvError(
      "limit_invalid",
      `Invalid key_count_limit of ${limit}. Please specify an integer less than ${LIST_LIMIT_MAX}.`,
      { hint: "Read page by page: pass each page's cursor on." },
    );
  }
}
