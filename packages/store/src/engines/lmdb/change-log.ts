import { KvError } from "@kvasir/client/namespace";
import type { Change } from "../../store/changes.js";
import { CHANGES_REMEMBERED } from "../../store/limits.js";
import { numberKey } from "./keys.js";
import { CHANGES_TRIM_STEP } from "./limits.js";
import { readMeta, writeMeta } from "./meta.js";
import { readU16, readU32, readU56, U56_BYTES, writeU16, writeU32, writeU56 } from "./numbers.js";
import { payloadOf, putRow } from "./rows.js";
import type { Tables } from "./tables.js";

/**
 * The log of changes that watchers read. It has one record per transaction, not per change, so that a batch
 * of writes adds one row. The key is the transaction's last version. The value is a sequence of `type (1) |
 * version (7) | namespace (4) | key length (2) | key`.
 */
const TYPES = ["put", "delete", "expire"] as const satisfies readonly Change["type"][];
const FIELD_BYTES = 1 + U56_BYTES + 4 + 2;

/**
 * Used in place of a namespace's number for a change of the namespaces themselves; real numbers start at 1.
 * The only type is `delete`, and its key is the number of the namespace in decimal digits.
 */
export const CATALOG_CHANGES = 0;

export interface LoggedChange {
  readonly type: Change["type"];
  /** The number of the namespace. */
  readonly namespace: number;
  readonly key: string;
  readonly version: number;
}

/** Collects the changes of one transaction. */
export class ChangeRecord {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  add(type: Change["type"], namespace: number, key: string, version: number): void {
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    this.#reserve(FIELD_BYTES + key.length * 3);
    const bytes = this.#bytes;
    const start = this.#length;
    bytes[start] = TYPES.indexOf(type);
    const lengthAt = writeU32(bytes, writeU56(bytes, start + 1, version), namespace);
    const keyBytes = bytes.write(key, lengthAt + 2, "utf8");
    writeU16(bytes, lengthAt, keyBytes);
    this.#length = lengthAt + 2 + keyBytes;
  }

  /** Called inside the transaction. `version` is the transaction's last version. */
  store(tables: Tables, version: number): void {
    if (this.#length > 0) {
      putRow(tables.changes, numberKey(version), this.#bytes.subarray(0, this.#length));
    }
    const dropped = readMeta(tables.meta, "changesDropped");
    if (version - dropped > CHANGES_REMEMBERED + CHANGES_TRIM_STEP)
      drop(tables, version - CHANGES_REMEMBERED);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

function drop(tables: Tables, version: number): void {
  const keys = Array.from(tables.changes.getKeys({ end: numberKey(version + 1) }), (key) => Buffer.from(key));
  const last = keys.at(-1);
  if (last === undefined) return;
  for (const key of keys) tables.changes.removeSync(key);
  writeMeta(tables.meta, "changesDropped", readU56(last, 0));
}

/** What one read of the log returns. */
export interface ChangePage {
  readonly changes: readonly LoggedChange[];
  /** Every change up to this version has been read. */
  readonly until: number;
}

export interface ChangeQuery {
  readonly since: number;
  /** The number of changes to read. A transaction with more is read whole. */
  readonly limit: number;
  /** Whether the page includes changes of the namespace with this number. */
  readonly wanted: (namespace: number) => boolean;
}

/**
 * Reads the changes after `since`. A page always ends with a whole transaction, so that a watcher never stops
 * between two changes of one version.
 *
 * @throws KvError `watch_behind` if some of the changes were dropped or are damaged, or if `since` is a
 * version that was never reached
 */
export function readChanges(tables: Tables, { since, limit, wanted }: ChangeQuery): ChangePage {
  if (since < readMeta(tables.meta, "changesDropped")) {
    throw new KvError("watch_behind", "The changes since this position are no longer remembered.", {
      hint: "Read the keys again, then watch from now on.",
    });
  }
  const page = new PageReader(since, wanted);
  let until = readMeta(tables.meta, "lastVersion");
  if (since > until) {
    throw new KvError("watch_behind", "This position is yet to come: the data are older than the watch.", {
      hint: "Read the keys again, then watch from now on.",
    });
  }
  for (const { key, value } of tables.changes.getRange({ start: numberKey(since + 1) })) {
    if (page.looked >= limit) {
      until = page.last;
      break;
    }
    const payload = payloadOf(key, value);
    if (payload === null) throw damagedError();
    page.add(payload);
  }
  return { changes: page.changes, until };
}

function damagedError(): KvError {
  return new KvError("watch_behind", "Changes since this position are damaged on disk.", {
    hint: "Read the keys again, then watch from now on.",
  });
}

class PageReader {
  readonly changes: LoggedChange[] = [];
  /** The number of changes read so far, and the version of the last one. */
  looked = 0;
  last: number;
  readonly #since: number;
  readonly #wanted: (namespace: number) => boolean;

  constructor(since: number, wanted: (namespace: number) => boolean) {
    this.last = since;
    this.#since = since;
    this.#wanted = wanted;
  }

  /** Adds the changes of one record. */
  add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const version = readU56(bytes, at + 1);
      const lengthAt = at + 1 + U56_BYTES + 4;
      const end = lengthAt + 2 + readU16(bytes, lengthAt);
      if (version > this.#since) {
        this.looked++;
        this.last = version;
        const namespace = readU32(bytes, lengthAt - 4);
        if (this.#wanted(namespace)) {
          const key = bytes.toString("utf8", lengthAt + 2, end);
          this.changes.push({ type: TYPES[bytes[at] as number] ?? "put", namespace, key, version });
        }
      }
      at = end;
    }
  }
}
