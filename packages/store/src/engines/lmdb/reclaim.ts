import { deleteParts, type SliceResult } from "./blobs.js";
import { blobOf, expirationOf, isIntact } from "./entry-codec.js";
import { entryKey, expiryKey, successorOfPrefix } from "./keys.js";
import { noteDamagedReplaced } from "./meta.js";
import { readU56, U56_BYTES, writeU56 } from "./numbers.js";
import { payloadOf, putRow } from "./rows.js";
import { exactly, type Tables } from "./tables.js";

/**
 * Data that nothing refers to any more but that still takes space: replaced large values, kept a while for
 * readers that have started; staged values that no put used; deleted namespaces. A row's key is `due time (7)
 * | kind (1) | number (7)`.
 */
const KINDS = ["blob", "namespace"] as const;
type Kind = (typeof KINDS)[number];

const EMPTY = Buffer.alloc(0);

/** Schedules a large value that was just replaced for removal. */
export function reclaimBlobLater(tables: Tables, blob: number, nowMs: number): void {
  putRow(tables.reclaim, reclaimKey(nowMs + tables.replacedKeptMs, "blob", blob), EMPTY);
}

export function reclaimAt(tables: Tables, dueMs: number, kind: Kind, number: number): void {
  putRow(tables.reclaim, reclaimKey(dueMs, kind, number), EMPTY);
}

/** Returns whether the row still existed, which a put that uses a staged value needs to know. */
export function cancelReclaim(tables: Tables, dueMs: number, kind: Kind, number: number): boolean {
  const key = reclaimKey(dueMs, kind, number);
  if (tables.reclaim.getBinaryFast(key) === undefined) return false;
  tables.reclaim.removeSync(key);
  return true;
}

/** Makes the blob that was due at `dueMs` due now, if its row still exists. */
export function reclaimEarly(tables: Tables, dueMs: number, nowMs: number, blob: number): void {
  if (cancelReclaim(tables, dueMs, "blob", blob)) reclaimAt(tables, nowMs, "blob", blob);
}

export function isAwaitingReclaim(tables: Tables, dueMs: number, kind: Kind, number: number): boolean {
  return tables.reclaim.getBinaryFast(reclaimKey(dueMs, kind, number)) !== undefined;
}

export function isReclaimDue(tables: Tables, nowMs: number): boolean {
  return firstDue(tables, nowMs) !== null;
}

/** Inside a transaction: removes about `limit` rows, at most, of what is due. Returns how many it removed. */
export function reclaimSlice(tables: Tables, nowMs: number, limit: number): number {
  let removed = 0;
  while (removed < limit) {
    const due = firstDue(tables, nowMs);
    if (due === null) break;
    const { key, intact } = due;
    if (!intact) {
      // The blob or namespace in a damaged row may be in use. Losing the space is the lesser harm.
      tables.reclaim.removeSync(key);
      removed++;
      continue;
    }
    const { kind, number } = parseReclaimKey(key);
    const left = limit - removed;
    const result =
      kind === "namespace" ? deleteEntries(tables, number, nowMs, left) : deleteParts(tables, number, left);
    removed += result.removed + 1;
    if (!result.done) break;
    tables.reclaim.removeSync(key);
  }
  return removed;
}

/** The kind and number in a row's key. */
export function parseReclaimKey(key: Uint8Array): { readonly kind: Kind; readonly number: number } {
  return { kind: KINDS[key[U56_BYTES] as number] ?? "blob", number: readU56(key, U56_BYTES + 1) };
}

function deleteEntries(tables: Tables, namespace: number, nowMs: number, limit: number): SliceResult {
  const from = entryKey(namespace, "");
  const keys: string[] = [];
  let damaged = 0;
  for (const { key, value } of tables.entries.getRange({
    start: from,
    end: successorOfPrefix(from),
    limit,
  })) {
    const bytes = exactly(value);
    keys.push(key as string);
    if (!isIntact(bytes, namespace, key as string)) {
      // The rows that it refers to can no longer be identified.
      damaged++;
      continue;
    }
    const expirationMs = expirationOf(bytes);
    const blob = blobOf(bytes);
    if (expirationMs !== 0) tables.expiry.removeSync(expiryKey(expirationMs, namespace, key as string));
    if (blob !== null) reclaimBlobLater(tables, blob.blob, nowMs);
  }
  if (damaged > 0) noteDamagedReplaced(tables.meta, damaged);
  for (const key of keys) {
    tables.entryKeys.namespace = namespace;
    tables.entries.removeSync(key);
  }
  return { removed: keys.length, done: keys.length < limit };
}

function firstDue(tables: Tables, nowMs: number): { readonly key: Buffer; readonly intact: boolean } | null {
  for (const { key, value } of tables.reclaim.getRange({
    end: reclaimKey(nowMs + 1, "blob", 0),
    limit: 1,
  })) {
    return { key: Buffer.from(key), intact: payloadOf(key, value) !== null };
  }
  return null;
}

function reclaimKey(dueMs: number, kind: Kind, number: number): Buffer {
  const key = Buffer.allocUnsafe(2 * U56_BYTES + 1);
  writeU56(key, 0, dueMs);
  key[U56_BYTES] = KINDS.indexOf(kind);
  writeU56(key, U56_BYTES + 1, number);
  return key;
}
