import type { KVNamespaceListKey, KVNamespaceListOptions } from "../namespace/kv-namespace.js";
import { BULK_GET_KEYS_MAX, LIST_LIMIT_MAX } from "../namespace/limits.js";
import { chunks } from "./at-most.js";
import { extended, isExtended } from "./binding.js";
import { guard } from "./errors/wrap-error.js";
import { BYTES_READ_AHEAD } from "./limits.js";
import type { Settings } from "./options.js";
import { combinePrefixes, prefixKey, stripPrefix } from "./prefix.js";
import { decode, type RawEntry } from "./read.js";
import { readEntries } from "./read-many.js";

export interface KVListOptions {
  /** Only keys that begin with this prefix, which follows the client's own prefix. */
  readonly prefix?: string | undefined;
  /**
   * `list()` and `keys()`: most entries in total. `listKeys()`: keys of a page (all pages are read).
   * @default all, in pages of 1,000
   */
  readonly limit?: number | undefined;
  /** The cursor at the end of an earlier page of the binding's own `list()`. */
  readonly cursor?: string | undefined;
  /** Adds each entry's version. Kvasir only. @default false */
  readonly versions?: boolean | undefined;
  /** Descending order. Kvasir only. @default false */
  readonly reverse?: boolean | undefined;
  /** First key of the range, inclusive. Kvasir only. */
  readonly start?: string | undefined;
  /** End of the range, exclusive. Kvasir only. */
  readonly end?: string | undefined;
}

/** One entry of `keys()`. */
export interface KVKeyEntry {
  /** Without the client's prefix. */
  readonly key: string;
  /** Seconds since the epoch. */
  readonly expiration?: number;
  readonly metadata?: unknown;
  /** With `{ versions: true }`. */
  readonly version?: number;
}

/** One entry of `list()`. */
export interface KVEntry<T> extends KVKeyEntry {
  /** The same as `key`. */
  readonly name: string;
  /** `null` if it cannot be parsed, does not match the schema, or was deleted meanwhile. */
  readonly value: T | null;
}

/** One entry of `listKeys()`. */
export interface KVListEntry<Metadata = unknown> {
  /** Without the client's prefix. */
  readonly name: string;
  /** Seconds since the epoch. */
  readonly expiration?: number;
  readonly metadata?: Metadata;
  /** With `{ versions: true }`. */
  readonly version?: number;
}

type Key = KVNamespaceListKey<unknown>;

/** Yields entries with their values. Reads ahead at most the current page and the current bulk read. */
export async function* entries(
  settings: Settings,
  options: KVListOptions = {},
): AsyncGenerator<KVEntry<unknown>, void> {
  const values = isExtended(settings.binding) && settings.codec.type === "text";
  for await (const page of pages(settings, options, { values, limit: options.limit })) {
    for (const keys of chunks(page, READ_AHEAD[settings.codec.type])) {
      const missing = keys.filter(({ value }) => value === undefined).map(({ name }) => name);
      const read = await readEntries(settings, missing, { cacheTtl: false }, "list");
      for (const listed of keys) {
        const entry = listed.value === undefined ? read.get(listed.name) : listedEntry(listed);
        const { key, ...about } = keyEntry(settings, listed);
        yield { key, name: key, value: await valueOrNull(settings, key, entry), ...about };
      }
    }
  }
}

/** A stream is opened only when it is its turn, because an unread stream would hold its connection. */
const READ_AHEAD = { text: BULK_GET_KEYS_MAX, arrayBuffer: BYTES_READ_AHEAD, stream: 1 } as const;

/** Yields keys without reading values. */
export async function* keyEntries(
  settings: Settings,
  options: KVListOptions = {},
): AsyncGenerator<KVKeyEntry, void> {
  for await (const page of pages(settings, options, { limit: options.limit })) {
    for (const listed of page) yield keyEntry(settings, listed);
  }
}

/** Returns all keys, starting at `cursor`. */
export async function listKeys(settings: Settings, options: KVListOptions = {}): Promise<KVListEntry[]> {
  const found: KVListEntry[] = [];
  for await (const page of pages(settings, options, { pageSize: options.limit })) {
    for (const listed of page) {
      const { key, ...about } = keyEntry(settings, listed);
      found.push({ name: key, ...about });
    }
  }
  return found;
}

/**
 * Pages of the binding's list. Unlike in the original a `limit` of 0 yields nothing, and errors are wrapped.
 */
async function* pages(
  settings: Settings,
  options: KVListOptions,
  page: {
    readonly limit?: number | undefined;
    readonly pageSize?: number | undefined;
    readonly values?: boolean;
  },
): AsyncGenerator<Key[], void> {
  const { binding, prefix: clientPrefix } = settings;
  const prefix = combinePrefixes(clientPrefix, options.prefix);
  const range = rangeOf(settings, options);
  let remaining = Math.trunc(page.limit ?? Number.POSITIVE_INFINITY);
  let cursor = options.cursor;
  while (remaining > 0) {
    const query: KVNamespaceListOptions = {
      ...range,
      ...(prefix !== undefined && { prefix }),
      ...(cursor !== undefined && { cursor }),
      ...(page.values && { values: true }),
      limit: Math.min(remaining, page.pageSize || LIST_LIMIT_MAX, LIST_LIMIT_MAX),
    };
    const result = await guard({ operation: "list", prefix }, () => binding.list(query));
    yield result.keys.slice(0, remaining);
    remaining -= result.keys.length;
    if (result.list_complete || !result.cursor) return;
    cursor = result.cursor;
  }
}

/**
 * Options that only Kvasir supports. Rejected on other bindings: Workers KV would
 * ignore them and list everything.
 */
function rangeOf({ binding, prefix }: Settings, options: KVListOptions): KVNamespaceListOptions {
  const { versions, reverse, start, end } = options;
  const range = {
    ...(versions && { versions }),
    ...(reverse && { reverse }),
    ...(start !== undefined && { start: prefixKey(prefix, start) }),
    ...(end !== undefined && { end: prefixKey(prefix, end) }),
  };
  for (const option of Object.keys(range)) extended(binding, `list({ ${option} })`);
  return range;
}

function keyEntry({ prefix, codec }: Settings, listed: Key): KVKeyEntry {
  const { name, expiration, version } = listed;
  const metadata = codec.metadata(listed.metadata);
  return {
    key: stripPrefix(prefix, name),
    ...(expiration !== undefined && { expiration }),
    ...(metadata !== null && { metadata }),
    ...(version !== undefined && { version }),
  };
}

function listedEntry({ value, metadata }: Key): RawEntry {
  return { value, metadata };
}

async function valueOrNull(settings: Settings, key: string, entry: RawEntry | undefined): Promise<unknown> {
  try {
    return entry === undefined ? null : await decode(settings, key, entry);
  } catch {
    // One invalid value must not end the iteration over all others.
    return null;
  }
}
