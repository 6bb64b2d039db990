import { KvError } from "@kvasir/client/namespace";
import { stagedGoneError } from "../../store/errors.js";
import { INLINE_VALUE_BYTES_MAX } from "../../store/limits.js";
import type { Check, Condition, Mutation, PutInput, WriteOutcome } from "../../store/write.js";
import { parseStaged, writeParts } from "./blobs.js";
import { type Counter, counterOf, raised } from "./counter.js";
import { damagedEntryError } from "./damage.js";
import {
  type BlobReference,
  blobOf,
  contentTypeOf,
  ENTRY_BYTES_MIN,
  encodeEntry,
  expirationOf,
  isIntact,
  isLive,
  metadataOf,
  restamp,
  valueEnd,
  valueStart,
  versionOf,
} from "./entry-codec.js";
import { assertAbsent } from "./gaps.js";
import { entryKey, expiryKey, numberKey } from "./keys.js";
import { noteDamagedReplaced } from "./meta.js";
import { readU56 } from "./numbers.js";
import { cancelReclaim, isAwaitingReclaim, reclaimBlobLater, reclaimEarly } from "./reclaim.js";
import { payloadOf, putRow } from "./rows.js";
import { exactly } from "./tables.js";
import type { WriteTransaction } from "./write-transaction.js";

/** The transaction, namespace and time of a write. */
export interface WriteSite {
  readonly transaction: WriteTransaction;
  readonly namespace: number;
  readonly nowMs: number;
}

const NO_BLOB = Buffer.alloc(0);

/**
 * What was stored under a key, live or expired. The bytes are in the engine's buffer and valid only until the
 * next read.
 */
interface Previous {
  readonly version: number;
  readonly expirationMs: number;
  readonly blob: BlobReference | null;
  readonly live: boolean;
  /** Whether the row is damaged. Then only what the expiry index says about it is known. */
  readonly damaged: boolean;
  readonly bytes: Buffer;
}

export function putEntry(site: WriteSite, key: string, input: PutInput, condition: Condition): WriteOutcome {
  const previous = condition === undefined ? readReplaceable(site, key) : read(site, key);
  if (!holds(condition, previous)) {
    discardStaged(site, input);
    return refused(previous);
  }
  assertStaged(site, input);
  const version = site.transaction.nextVersion();
  put(site, key, { input, previous, version });
  return { ok: true, version, existed: previous?.live ?? false };
}

export function deleteEntry(site: WriteSite, key: string, condition: Condition): WriteOutcome {
  const previous = condition === undefined ? readReplaceable(site, key) : read(site, key);
  if (!holds(condition, previous)) return refused(previous);
  // The sweeper removes expired entries.
  if (!previous?.live) return { ok: true, version: null, existed: false };
  remove(site, key, { previous, version: site.transaction.nextVersion() });
  return { ok: true, version: null, existed: true };
}

export function incrementEntry(
  site: WriteSite,
  key: string,
  by: number,
  expirationMs: number | null,
): { readonly value: number; readonly version: number } {
  const previous = read(site, key);
  const value = raised(counterIn(previous), by);
  const version = site.transaction.nextVersion();
  putCounter(site, key, { value, previous, version, expirationMs });
  return { value, version };
}

export function touchEntry(
  site: WriteSite,
  key: string,
  expirationMs: number | null,
  condition: Condition,
): WriteOutcome {
  const previous = read(site, key);
  if (!previous?.live || !holds(condition, previous)) return refused(previous);
  const version = site.transaction.nextVersion();
  const bytes = restamp(site.namespace, key, previous.bytes, {
    version,
    expirationMs: expirationMs ?? 0,
    modifiedMs: site.nowMs,
  });
  replace(site, key, { previous, bytes, blob: previous.blob, expirationMs: expirationMs ?? 0 });
  site.transaction.recordChange("put", site.namespace, key, version);
  return { ok: true, version, existed: true };
}

/** What became of one mutation of a bulk write. */
export type MutationOutcome = WriteOutcome | { readonly error: KvError | TypeError };

/** Carries out mutations of a bulk write. One that is refused does not affect the others. */
export function mutateEntries(site: WriteSite, mutations: readonly Mutation[]): readonly MutationOutcome[] {
  return mutations.map((mutation) => {
    try {
      return mutateEntry(site, mutation);
    } catch (error) {
      if (!(error instanceof KvError || error instanceof TypeError)) throw error;
      return { error };
    }
  });
}

/** @throws KvError the error of a mutation that was refused */
export function outcomeOf(outcome: MutationOutcome): WriteOutcome {
  if ("error" in outcome) throw outcome.error;
  return outcome;
}

function mutateEntry(site: WriteSite, mutation: Mutation): WriteOutcome {
  switch (mutation.type) {
    case "put":
      return putEntry(site, mutation.key, mutation, undefined);
    case "delete":
      return deleteEntry(site, mutation.key, undefined);
    case "increment": {
      const existed = read(site, mutation.key)?.live ?? false;
      const { version } = incrementEntry(site, mutation.key, mutation.by, mutation.expirationMs);
      return { ok: true, version, existed };
    }
  }
}

/** Writes all mutations at one version, or none of them. Returns `null` if a check failed. */
export function commitEntries(
  site: WriteSite,
  checks: readonly Check[],
  mutations: readonly Mutation[],
): number | null {
  if (!checks.every((check) => holds(check.version, read(site, check.key)))) {
    for (const mutation of mutations) if (mutation.type === "put") discardStaged(site, mutation);
    return null;
  }
  assertApplicable(site, mutations);
  const version = site.transaction.nextVersion();
  for (const mutation of mutations) {
    const previous = readReplaceable(site, mutation.key);
    if (mutation.type === "put") {
      put(site, mutation.key, { input: mutation, previous, version });
    } else if (mutation.type === "increment") {
      const { expirationMs, by } = mutation;
      putCounter(site, mutation.key, {
        value: raised(counterIn(previous), by),
        previous,
        version,
        expirationMs,
      });
    } else if (previous?.live) {
      remove(site, mutation.key, { previous, version });
    }
  }
  return version;
}

/**
 * Throws the error that carrying out the mutations in order would throw, before any of them changes anything.
 */
function assertApplicable(site: WriteSite, mutations: readonly Mutation[]): void {
  const counters = new Map<string, Counter>();
  for (const mutation of mutations) {
    if (mutation.type === "put") {
      assertStaged(site, mutation);
      counters.set(mutation.key, counterOf(mutation.value));
    } else if (mutation.type === "delete") {
      counters.set(mutation.key, null);
    } else {
      const current = counters.get(mutation.key);
      const counter = current === undefined ? counterIn(read(site, mutation.key)) : current;
      counters.set(mutation.key, raised(counter, mutation.by));
    }
  }
}

function assertStaged(site: WriteSite, { value }: PutInput): void {
  if (value instanceof Uint8Array) return;
  const { blob, dueMs } = parseStaged(value);
  if (isAwaitingReclaim(site.transaction.tables, dueMs, "blob", blob)) return;
  throw stagedGoneError();
}

/**
 * A refused put uses up its staged value as well. Otherwise the values of retries would pile up on disk for a
 * day.
 */
function discardStaged(site: WriteSite, { value }: PutInput): void {
  if (value instanceof Uint8Array) return;
  const { blob, dueMs } = parseStaged(value);
  reclaimEarly(site.transaction.tables, dueMs, site.nowMs, blob);
}

interface PutStep {
  readonly input: PutInput;
  readonly previous: Previous | null;
  readonly version: number;
}

function put(site: WriteSite, key: string, { input, previous, version }: PutStep): void {
  const value = store(site, input.value);
  const expirationMs = input.expirationMs ?? 0;
  const bytes = encodeEntry(site.namespace, key, {
    version,
    expirationMs,
    modifiedMs: site.nowMs,
    metadata: input.metadata,
    contentType: input.contentType,
    value,
  });
  const blob = value instanceof Uint8Array ? null : value;
  replace(site, key, { previous, bytes, blob, expirationMs });
  if (previous?.blob) reclaimBlobLater(site.transaction.tables, previous.blob.blob, site.nowMs);
  site.transaction.recordChange("put", site.namespace, key, version);
}

/** Stores a value in its final place. */
function store(site: WriteSite, value: PutInput["value"]): Uint8Array | BlobReference {
  const { tables } = site.transaction;
  if (!(value instanceof Uint8Array)) {
    const { blob, dueMs } = parseStaged(value);
    cancelReclaim(tables, dueMs, "blob", blob);
    return { blob, byteLength: value.byteLength };
  }
  if (value.length <= INLINE_VALUE_BYTES_MAX) return value;
  const blob = site.transaction.nextVersion();
  writeParts(tables, blob, value);
  return { blob, byteLength: value.length };
}

interface CounterStep {
  readonly value: number;
  readonly previous: Previous | null;
  readonly version: number;
  readonly expirationMs: number | null;
}

function putCounter(site: WriteSite, key: string, step: CounterStep): void {
  const { previous, version } = step;
  const existing = previous?.live ? previous : null;
  const expirationMs = existing === null ? (step.expirationMs ?? 0) : existing.expirationMs;
  const bytes = encodeEntry(site.namespace, key, {
    version,
    expirationMs,
    modifiedMs: site.nowMs,
    metadata: existing === null ? null : metadataOf(existing.bytes),
    contentType: existing === null ? null : contentTypeOf(existing.bytes),
    value: Buffer.from(String(step.value)),
  });
  replace(site, key, { previous, bytes, blob: null, expirationMs });
  if (previous?.blob) reclaimBlobLater(site.transaction.tables, previous.blob.blob, site.nowMs);
  site.transaction.recordChange("put", site.namespace, key, version);
}

interface Replacement {
  readonly previous: Previous | null;
  readonly bytes: Buffer;
  readonly blob: BlobReference | null;
  readonly expirationMs: number;
}

/** Writes the entry and its row in the expiry index. */
function replace(site: WriteSite, key: string, { previous, bytes, blob, expirationMs }: Replacement): void {
  const { tables } = site.transaction;
  // Use `previous.bytes` before this line: the next call on a table overwrites the buffer.
  tables.entryKeys.namespace = site.namespace;
  tables.entries.putSync(key, bytes);
  if (previous?.damaged) noteDamagedReplaced(tables.meta, 1);
  if (previous !== null && previous.expirationMs !== 0 && previous.expirationMs !== expirationMs) {
    tables.expiry.removeSync(expiryKey(previous.expirationMs, site.namespace, key));
  }
  if (expirationMs !== 0) {
    const indexed = blob === null ? NO_BLOB : numberKey(blob.blob);
    putRow(tables.expiry, expiryKey(expirationMs, site.namespace, key), indexed);
  }
}

function remove(
  site: WriteSite,
  key: string,
  { previous, version }: { readonly previous: Previous; readonly version: number },
): void {
  const { tables } = site.transaction;
  tables.entryKeys.namespace = site.namespace;
  tables.entries.removeSync(key);
  if (previous.damaged) noteDamagedReplaced(tables.meta, 1);
  if (previous.expirationMs !== 0) {
    tables.expiry.removeSync(expiryKey(previous.expirationMs, site.namespace, key));
  }
  if (previous.blob !== null) reclaimBlobLater(tables, previous.blob.blob, site.nowMs);
  site.transaction.recordChange("delete", site.namespace, key, version);
}

/** @throws KvError `storage_corrupt` */
function read(site: WriteSite, key: string): Previous | null {
  const { tables } = site.transaction;
  const previous = readReplaceable(site, key);
  if (previous === null) assertAbsent(tables.entryRows, entryKey(site.namespace, key));
  if (previous?.damaged) throw damagedEntryError(tables, site.namespace, key);
  return previous;
}

/** For writes that replace whatever is stored. Such a write is how a damaged entry is repaired. */
function readReplaceable(site: WriteSite, key: string): Previous | null {
  const { tables } = site.transaction;
  tables.entryKeys.namespace = site.namespace;
  const found = tables.entries.getBinaryFast(key);
  if (found === undefined) return null;
  const bytes = exactly(found);
  if (!isIntact(bytes, site.namespace, key)) return damaged(site, key, bytes);
  return {
    version: versionOf(bytes),
    expirationMs: expirationOf(bytes),
    blob: blobOf(bytes),
    live: isLive(bytes, site.nowMs),
    damaged: false,
    bytes,
  };
}

/**
 * A damaged entry counts as live. Its expiration and blob are used only if the expiry index agrees, whose
 * rows have checksums of their own. Otherwise its index row and blob stay behind.
 */
function damaged(site: WriteSite, key: string, bytes: Buffer): Previous {
  const { tables } = site.transaction;
  const claimedMs = bytes.length < ENTRY_BYTES_MIN ? 0 : expirationOf(bytes);
  const rowKey = expiryKey(claimedMs, site.namespace, key);
  const found = tables.expiry.getBinaryFast(rowKey);
  const row = found === undefined ? null : payloadOf(rowKey, found);
  return {
    version: 0,
    expirationMs: row === null ? 0 : claimedMs,
    blob: row === null || row.length === 0 ? null : { blob: readU56(row, 0), byteLength: 0 },
    live: true,
    damaged: true,
    bytes,
  };
}

function counterIn(previous: Previous | null): Counter {
  if (!previous?.live) return null;
  return previous.blob === null
    ? counterOf(previous.bytes.subarray(valueStart(previous.bytes), valueEnd(previous.bytes)))
    : "not a counter";
}

function holds(condition: Condition, previous: Previous | null): boolean {
  if (condition === undefined) return true;
  return condition === (previous?.live ? previous.version : null);
}

function refused(previous: Previous | null): WriteOutcome {
  const live = previous?.live ? previous : null;
  return { ok: false, version: live?.version ?? null, existed: live !== null };
}
