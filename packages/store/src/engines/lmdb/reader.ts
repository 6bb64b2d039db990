import type { Entry, Key, LargeValue } from "../../store/entry.js";
import { LIST_SCAN_MAX, LIST_VALUE_BYTES_MAX } from "../../store/limits.js";
import type { KeyRange, ListedEntry, ListPage, ListQuery } from "../../store/listing.js";
import { StoredBlob } from "./blobs.js";
import { damagedEntryError } from "./damage.js";
import {
  type BlobReference,
  blobOf,
  contentTypeOf,
  expirationOf,
  isIntact,
  isLive,
  metadataOf,
  modifiedOf,
  valueEnd,
  valueStart,
  versionOf,
} from "./entry-codec.js";
import { assertAbsent, assertNothingBetween } from "./gaps.js";
import { boundsOf, entryKey, type KeyBounds, successorOf } from "./keys.js";
import { COUNT_SLICE_ENTRIES } from "./limits.js";
import { hasReplacement, SeenKeys } from "./seen-keys.js";
import { exactly, type Tables } from "./tables.js";
import { nextTurn } from "./turns.js";

/** Reads entries synchronously, with as few allocations as possible. */
export class Reader {
  readonly #tables: Tables;
  readonly #nowMs: () => number;
  readonly #guard: () => void;

  /** `guard` throws when the store is closed. */
  constructor(tables: Tables, nowMs: () => number, guard: () => void) {
    this.#tables = tables;
    this.#nowMs = nowMs;
    this.#guard = guard;
  }

  get(namespace: number, key: Key): Entry | null {
    const { entries, entryKeys } = this.#tables;
    entryKeys.namespace = namespace;
    const bytes = entries.getBinaryFast(key);
    if (bytes === undefined) {
      assertAbsent(this.#tables.entryRows, entryKey(namespace, key));
      return null;
    }
    if (!isIntact(bytes, namespace, key)) throw damagedEntryError(this.#tables, namespace, key);
    const expirationMs = expirationOf(bytes);
    if (expirationMs !== 0 && expirationMs <= this.#nowMs()) return null;
    return this.#entry(namespace, key, asBuffer(bytes));
  }

  list(namespace: number, query: ListQuery): ListPage {
    const bounds = pageBounds(namespace, query);
    if (bounds.from.compare(bounds.to) >= 0) return { entries: [], after: null };
    const { entries, after, seen } = this.#page(namespace, bounds, query);
    const reverse = query.reverse === true;
    if (after !== null && !seen.canContinueAfter(after, { reverse })) {
      throw damagedEntryError(this.#tables, namespace, after);
    }
    this.#assertNoneMissed(namespace, bounds, seen, { reverse, ended: after === null });
    return { entries, after };
  }

  #page(namespace: number, bounds: KeyBounds, query: ListQuery): ListPage & { readonly seen: SeenKeys } {
    const nowMs = this.#nowMs();
    const entries: ListedEntry[] = [];
    const seen = new SeenKeys();
    let looked = 0;
    let valueBytes = 0;
    let last: Key | null = null;
    for (const { key, value } of this.#range(bounds, query.reverse ?? false)) {
      if (looked >= LIST_SCAN_MAX) return { entries, after: last, seen };
      looked++;
      const full = entries.length >= query.limit;
      const bytes = asBuffer(value);
      const intact = isIntact(bytes, namespace, key as string);
      seen.add(key as string, intact);
      if (!intact || isLive(bytes, nowMs)) {
        // Checked this late, because a full page followed only by expired entries is the last one.
        if (full) return { entries, after: last, seen };
        if (!intact && query.values) throw damagedEntryError(this.#tables, namespace, key as string);
        const listed = intact
          ? this.#listed(namespace, key as string, bytes, query.values === true)
          : damagedRow(key as string);
        valueBytes += query.values === true ? listed.valueBytes : 0;
        if (valueBytes > LIST_VALUE_BYTES_MAX && entries.length > 0) return { entries, after: last, seen };
        entries.push(listed);
      }
      if (!full) last = key as string;
    }
    return { entries, after: null, seen };
  }

  async count(namespace: () => number, range: KeyRange): Promise<number> {
    let bounds = boundsOf(namespace(), range);
    let count = 0;
    for (;;) {
      const slice = this.#countSlice(bounds, namespace());
      count += slice.live;
      if (slice.last === null) return count;
      bounds = { from: slice.last, to: bounds.to };
      await nextTurn();
      this.#guard();
    }
  }

  #countSlice(bounds: KeyBounds, namespace: number): { live: number; last: Buffer | null } {
    const nowMs = this.#nowMs();
    const seen = new SeenKeys();
    let live = 0;
    let looked = 0;
    let last: Buffer | null = null;
    if (bounds.from.compare(bounds.to) >= 0) return { live, last };
    for (const { key, value } of this.#range(bounds, false)) {
      seen.add(key as string, true);
      // An entry that never expires counts in any case. A damaged entry counts too, because lists include its
      // name.
      if (isLive(value, nowMs) || !isIntact(value, namespace, key as string)) live++;
      if (++looked === COUNT_SLICE_ENTRIES) {
        last = successorOf(entryKey(namespace, key as string));
        break;
      }
    }
    this.#assertNoneMissed(namespace, bounds, seen, { reverse: false, ended: last === null });
    return { live, last };
  }

  /** A key that was damaged on disk can make an iteration start too late or end too early. */
  #assertNoneMissed(
    namespace: number,
    { from, to }: KeyBounds,
    { first, last }: SeenKeys,
    { reverse, ended }: { readonly reverse: boolean; readonly ended: boolean },
  ): void {
    if (first === null || last === null) {
      assertNothingBetween(this.#tables.entryRows, from, to);
      return;
    }
    const [lowest, highest] = reverse ? [last, first] : [first, last];
    if ((ended || !reverse) && !hasReplacement(lowest)) {
      assertNothingBetween(this.#tables.entryRows, from, entryKey(namespace, lowest));
    }
    if ((ended || reverse) && !hasReplacement(highest)) {
      assertNothingBetween(this.#tables.entryRows, successorOf(entryKey(namespace, highest)), to);
    }
  }

  #range({ from, to }: KeyBounds, reverse: boolean) {
    // In reverse, the binding starts at `start` and stops before `end`, so the bounds are swapped here.
    return reverse
      ? this.#tables.entries.getRange({
          start: to,
          end: from,
          reverse,
          exclusiveStart: true,
          inclusiveEnd: true,
        })
      : this.#tables.entries.getRange({ start: from, end: to });
  }

  #entry(namespace: number, key: Key, bytes: Buffer): Entry {
    const expirationMs = expirationOf(bytes);
    return {
      version: versionOf(bytes),
      expirationMs: expirationMs === 0 ? null : expirationMs,
      metadata: metadataOf(bytes),
      contentType: contentTypeOf(bytes),
      value: this.#value(namespace, key, bytes),
    };
  }

  #listed(namespace: number, key: Key, bytes: Buffer, withValue: boolean): ListedEntry {
    const expiresMs = expirationOf(bytes);
    const expirationMs = expiresMs === 0 ? null : expiresMs;
    const blob = blobOf(bytes);
    const version = versionOf(bytes);
    const metadata = metadataOf(bytes);
    const valueBytes = blob === null ? valueEnd(bytes) - valueStart(bytes) : blob.byteLength;
    const modifiedMs = modifiedOf(bytes);
    // Two literals, because copying one object into another takes longer than the rest of a row.
    if (!withValue) return { key, version, expirationMs, metadata, valueBytes, modifiedMs };
    const contentType = contentTypeOf(bytes);
    const value = blob === null ? inlineValue(bytes) : this.#large(namespace, key, blob);
    return { key, version, expirationMs, metadata, valueBytes, modifiedMs, contentType, value };
  }

  #value(namespace: number, key: Key, bytes: Buffer): Uint8Array | LargeValue {
    const blob = blobOf(bytes);
    return blob === null ? inlineValue(bytes) : this.#large(namespace, key, blob);
  }

  #large(namespace: number, key: Key, blob: BlobReference): LargeValue {
    return new StoredBlob(blob, {
      read: (part) => {
        this.#guard();
        const row = this.#tables.blobs.getBinary(part);
        if (row === undefined) assertAbsent(this.#tables.blobs, part);
        return row;
      },
      damagedError: () => damagedEntryError(this.#tables, namespace, key),
    });
  }
}

function inlineValue(bytes: Buffer): Buffer {
  const start = valueStart(bytes);
  const end = valueEnd(bytes);
  // Allocated from Node's pool: separate memory for each small value costs three times as much as the copy.
  const value = Buffer.allocUnsafe(end - start);
  bytes.copy(value, 0, start, end);
  return value;
}

function damagedRow(key: Key): ListedEntry {
  const nothing = { version: 0, expirationMs: null, metadata: null, valueBytes: 0, modifiedMs: 0 };
  return { key, ...nothing, damaged: true };
}

/**
 * Returns the binding's own buffer. A view of just the entry's bytes would be a fifth of the cost of a list
 * row. Values above some size come as a `Uint8Array`.
 */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : exactly(bytes);
}

/** The bounds of one page of the list. */
function pageBounds(namespace: number, query: ListQuery): KeyBounds {
  const { from, to } = boundsOf(namespace, query);
  if (query.after === undefined) return { from, to };
  const after = entryKey(namespace, query.after);
  if (query.reverse) return { from, to: after.compare(to) < 0 ? after : to };
  const next = successorOf(after);
  return { from: next.compare(from) > 0 ? next : from, to };
}
