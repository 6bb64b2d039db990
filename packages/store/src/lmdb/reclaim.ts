import { RECLAIM_AFTER_MS } from "../limits.js";
import { deleteParts } from "./blobs.js";
import { blobOf, expirationOf } from "./entry-codec.js";
import { entryKey, expiryKey, successorOfPrefix } from "./keys.js";
import { readU56, U56_BYTES, writeU56 } from "./numbers.js";
import { exactly, type Tables } from "./tables.js";

/**
 * What nothing refers to any more but still takes space: replaced large values, which those who started reading
 * may finish; staged values that no put took over; deleted namespaces. A row's key is
 * `due time (7) | kind (1) | number (7)`.
 */
const KINDS = ["blob", "namespace"] as const;
type Kind = (typeof KINDS)[number];

const EMPTY = Buffer.alloc(0);

/** Lets go of a large value that was current until now. */
export function reclaimBlobLater(tables: Tables, blob: number, nowMs: number): void {
  tables.reclaim.putSync(reclaimKey(nowMs + RECLAIM_AFTER_MS, "blob", blob), EMPTY);
}

export function reclaimAt(tables: Tables, dueMs: number, kind: Kind, number: number): void {
  tables.reclaim.putSync(reclaimKey(dueMs, kind, number), EMPTY);
}

/** Whether the row was still there; a put that takes a staged value over needs to know. */
export function cancelReclaim(tables: Tables, dueMs: number, kind: Kind, number: number): boolean {
  const key = reclaimKey(dueMs, kind, number);
  if (tables.reclaim.getBinaryFast(key) === undefined) return false;
  tables.reclaim.removeSync(key);
  return true;
}

/** What was to go at `dueMs` goes at the next sweep, if it is still there. */
export function reclaimEarly(tables: Tables, dueMs: number, nowMs: number, blob: number): void {
  if (cancelReclaim(tables, dueMs, "blob", blob)) reclaimAt(tables, nowMs, "blob", blob);
}

export function isAwaitingReclaim(tables: Tables, dueMs: number, kind: Kind, number: number): boolean {
  return tables.reclaim.getBinaryFast(reclaimKey(dueMs, kind, number)) !== undefined;
}

/** Whether something is due. */
export function isReclaimDue(tables: Tables, nowMs: number): boolean {
  return firstDue(tables, nowMs) !== null;
}

/** Inside a transaction: removes at most about `limit` rows of what is due. Returns how many it removed. */
export function reclaimSlice(tables: Tables, nowMs: number, limit: number): number {
  let removed = 0;
  while (removed < limit) {
    const key = firstDue(tables, nowMs);
    if (key === null) break;
    const number = readU56(key, U56_BYTES + 1);
    const kind = KINDS[key[U56_BYTES] as number];
    const left = limit - removed;
    const result =
      kind === "namespace" ? deleteEntries(tables, number, nowMs, left) : deleteParts(tables, number, left);
    removed += result.removed + 1;
    if (!result.done) break;
    tables.reclaim.removeSync(key);
  }
  return removed;
}

/** Every row, for the consistency check. */
export function* reclaimRows(tables: Tables): Generator<{ kind: Kind; number: number }> {
  for (const key of tables.reclaim.getKeys({})) {
    yield { kind: KINDS[key[U56_BYTES] as number] ?? "blob", number: readU56(key, U56_BYTES + 1) };
  }
}

export interface SliceResult {
  readonly removed: number;
  readonly done: boolean;
}

function deleteEntries(tables: Tables, namespace: number, nowMs: number, limit: number): SliceResult {
  const from = entryKey(namespace, "");
  const keys: string[] = [];
  for (const { key, value } of tables.entries.getRange({
    start: from,
    end: successorOfPrefix(from),
    limit,
  })) {
    const bytes = exactly(value);
    const expirationMs = expirationOf(bytes);
    const blob = blobOf(bytes);
    if (expirationMs !== 0) tables.expiry.removeSync(expiryKey(expirationMs, namespace, key as string));
    if (blob !== null) reclaimBlobLater(tables, blob.blob, nowMs);
    keys.push(key as string);
  }
  for (const key of keys) {
    tables.entryKeys.namespace = namespace;
    tables.entries.removeSync(key);
  }
  return { removed: keys.length, done: keys.length < limit };
}

function firstDue(tables: Tables, nowMs: number): Buffer | null {
  for (const key of tables.reclaim.getKeys({ end: reclaimKey(nowMs + 1, "blob", 0), limit: 1 })) {
    return Buffer.from(key);
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
