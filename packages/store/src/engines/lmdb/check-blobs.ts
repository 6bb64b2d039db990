import { parsePartKey, partsOf } from "./blobs.js";
import type { CheckLog } from "./check-log.js";
import { type RowName, report, walkRows } from "./check-rows.js";
import { type BlobReference, blobOf, isIntact } from "./entry-codec.js";
import { type EntryKey, parseEntryKey } from "./keys.js";
import { CHECK_BLOBS_AT_ONCE } from "./limits.js";
import { parseReclaimKey } from "./reclaim.js";
import { exactly, type Tables } from "./tables.js";

/** What the check knows about a large value. */
interface FoundBlob {
  parts: number;
  byteLength: number;
  /** The number of entries that have it as their value and of reclaim rows that name it. */
  users: number;
}

export interface BlobCheck {
  readonly log: CheckLog;
  /** The number of entries that refer to a large value. Their rows are only read if there are any. */
  readonly references: number;
}

/** Compares every large value with the entries, in groups that fit in memory. */
export function checkBlobs(tables: Tables, check: BlobCheck, nameOf: (at: EntryKey) => RowName): void {
  const { log } = check;
  let group = new Map<number, FoundBlob>();
  let first = 0;
  for (const { key, payload } of walkRows(tables, "blobs", log, nameOfPart)) {
    const { blob, part } = parsePartKey(key);
    const known = group.get(blob);
    if (known === undefined && group.size >= CHECK_BLOBS_AT_ONCE) {
      checkGroup(tables, { group, first, end: blob }, check, nameOf);
      group = new Map();
      first = blob;
    }
    const found = known ?? { parts: 0, byteLength: 0, users: 0 };
    group.set(blob, found);
    // A gap in the part numbers means that parts are missing. The count is then too low for the entry, which
    // is reported.
    if (part === found.parts) found.parts++;
    found.byteLength += payload.length;
  }
  checkGroup(tables, { group, first, end: Number.POSITIVE_INFINITY }, check, nameOf);
}

/** The large values whose numbers are at least `first` and less than `end`. */
interface BlobGroup {
  readonly group: ReadonlyMap<number, FoundBlob>;
  readonly first: number;
  readonly end: number;
}

function checkGroup(
  tables: Tables,
  { group, first, end }: BlobGroup,
  { log, references }: BlobCheck,
  nameOf: (at: EntryKey) => RowName,
): void {
  for (const { at, blob } of references > 0 ? referencesIn(tables) : []) {
    if (blob.blob < first || blob.blob >= end) continue;
    const found = group.get(blob.blob);
    if (found !== undefined) found.users++;
    if (found?.byteLength !== blob.byteLength || found.parts !== partsOf(blob.byteLength)) {
      report(log, nameOf(at), `has ${found?.byteLength ?? 0} intact bytes of its ${blob.byteLength}`);
    }
    if (found !== undefined && found.users > 1)
      report(log, nameOf(at), "shares its value with another entry");
  }
  for (const key of tables.reclaim.getKeys({})) {
    const { kind, number } = parseReclaimKey(key);
    const found = kind === "blob" ? group.get(number) : undefined;
    if (found === undefined) continue;
    if (found.users > 0) log.add(`Large value ${number} is in use, but is to be reclaimed.`);
    found.users++;
  }
  for (const [number, { users }] of group) {
    if (users === 0) log.add(`Large value ${number} belongs to no entry.`);
  }
}

function* referencesIn(tables: Tables): Generator<{ readonly at: EntryKey; readonly blob: BlobReference }> {
  for (const { key, value } of tables.entryRows.getRange({})) {
    const at = parseEntryKey(Buffer.from(key));
    const row = exactly(value);
    const blob = isIntact(row, at.namespace, at.key) ? blobOf(row) : null;
    if (blob !== null) yield { at, blob };
  }
}

function nameOfPart(key: Buffer): RowName {
  const { blob, part } = parsePartKey(key);
  return { subject: `Part ${part + 1} of large value ${blob}` };
}
