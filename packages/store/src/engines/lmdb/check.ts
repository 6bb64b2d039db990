import type { CheckReport } from "../../store/check-report.js";
import { checkBlobs } from "./check-blobs.js";
import { CheckLog } from "./check-log.js";
import { checkNamespaces } from "./check-namespaces.js";
import { type RowName, report, walkRows } from "./check-rows.js";
import { blobOf, expirationOf, isIntact, valueEnd, valueStart, versionOf } from "./entry-codec.js";
import { type EntryKey, expiryKey, parseEntryKey, parseExpiryKey } from "./keys.js";
import { readMeta } from "./meta.js";
import { readU56 } from "./numbers.js";
import { parseReclaimKey } from "./reclaim.js";
import { nameOfRecord } from "./records.js";
import { payloadOf } from "./rows.js";
import type { Tables } from "./tables.js";

/**
 * Reports everything in a data directory that is damaged or inconsistent. It reads every row and blocks this
 * process until it is done. Other processes may keep writing, because the check reads one snapshot. Its
 * memory does not grow with the number of entries.
 */
export function checkTables(tables: Tables): CheckReport {
  return new Check(tables).run();
}

class Check {
  readonly #tables: Tables;
  readonly #log = new CheckLog();
  /** The ids of the namespaces by number. */
  #namespaces: ReadonlyMap<number, string> = new Map();
  readonly #deletedNamespaces = new Set<number>();
  #lastVersion = 0;
  /** The number of entries whose value is stored apart. */
  #largeValues = 0;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  run(): CheckReport {
    this.#numbers();
    this.#records();
    this.#reclaims();
    this.#entries();
    this.#expiryRows();
    const blobCheck = { log: this.#log, references: this.#largeValues };
    checkBlobs(this.#tables, blobCheck, (key) => this.#nameOf(key));
    this.#changes();
    return this.#log.report();
  }

  #numbers(): void {
    const rows = walkRows(this.#tables, "meta", this.#log, (key) => ({ subject: `The number "${key}"` }));
    for (const _ of rows);
    try {
      this.#lastVersion = readMeta(this.#tables.meta, "lastVersion");
    } catch {
      // The damage has already been reported.
      this.#lastVersion = Number.MAX_SAFE_INTEGER;
    }
  }

  #records(): void {
    this.#namespaces = checkNamespaces(this.#tables, this.#log);
    for (const _ of walkRows(this.#tables, "records", this.#log, (key) => ({ subject: nameOfRecord(key) })));
  }

  #reclaims(): void {
    const subject = "A row of what is to be reclaimed";
    for (const { key } of walkRows(this.#tables, "reclaim", this.#log, () => ({ subject }))) {
      const { kind, number } = parseReclaimKey(key);
      if (kind === "namespace") this.#deletedNamespaces.add(number);
    }
  }

  #entries(): void {
    let ofNoNamespace = 0;
    const rows = walkRows(this.#tables, "entryRows", this.#log, (key) => this.#nameOf(parseEntryKey(key)));
    for (const { key: bytes, row } of rows) {
      const at = parseEntryKey(bytes);
      if (this.#namespaces.has(at.namespace)) this.#entry(at, row);
      else if (!this.#deletedNamespaces.has(at.namespace)) ofNoNamespace++;
    }
    if (ofNoNamespace > 0) this.#log.add(`${ofNoNamespace} entries belong to no namespace.`);
  }

  #entry(at: EntryKey, row: Buffer): void {
    const name = this.#nameOf(at);
    const blob = blobOf(row);
    this.#log.entries++;
    if (blob !== null) this.#largeValues++;
    this.#log.bytes += blob?.byteLength ?? valueEnd(row) - valueStart(row);
    this.#version(name, versionOf(row));
    const expirationMs = expirationOf(row);
    if (expirationMs === 0) return;
    const key = expiryKey(expirationMs, at.namespace, at.key);
    const found = this.#tables.expiry.getBinaryFast(key);
    if (found === undefined) {
      report(this.#log, name, "expires but is not in the index");
      return;
    }
    const indexed = payloadOf(key, found);
    // Damaged rows of the index are reported with the index.
    if (indexed === null) return;
    const indexedBlob = indexed.length === 0 ? undefined : readU56(indexed, 0);
    if (indexedBlob !== blob?.blob) report(this.#log, name, "has another blob in the index");
  }

  #expiryRows(): void {
    const subjectOf = (bytes: Buffer) => {
      const { subject, ...where } = this.#nameOf(parseExpiryKey(bytes));
      return { subject: `The row of the expiry index for ${lowerFirst(subject)}`, ...where };
    };
    for (const { key: bytes } of walkRows(this.#tables, "expiry", this.#log, subjectOf)) {
      const { expirationMs, namespace, key } = parseExpiryKey(bytes);
      this.#tables.entryKeys.namespace = namespace;
      const row = this.#tables.entries.getBinaryFast(key);
      // The index row of a damaged entry may be correct. The damaged entry has already been reported.
      if (row !== undefined && !isIntact(row, namespace, key)) continue;
      if (row !== undefined && expirationOf(row) === expirationMs) continue;
      report(this.#log, subjectOf(bytes), `says ${expirationMs}, which its entry does not`);
    }
  }

  #changes(): void {
    const subject = "A record of changes";
    for (const { key } of walkRows(this.#tables, "changes", this.#log, () => ({ subject }))) {
      this.#version({ subject }, readU56(key, 0));
    }
  }

  #version(name: RowName, version: number): void {
    if (version >= 1 && version <= this.#lastVersion) return;
    report(this.#log, name, `has version ${version}, but the last one given out is ${this.#lastVersion}`);
  }

  #nameOf({ namespace: number, key }: EntryKey): RowName {
    const namespace = this.#namespaces.get(number);
    const subject = `The entry ${JSON.stringify(key)} of namespace ${namespace ?? `number ${number}`}`;
    return namespace === undefined ? { subject, key } : { subject, namespace, key };
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
