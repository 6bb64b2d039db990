import { PART_BYTES } from "../limits.js";
import type { NamespaceRecord } from "../store.js";
import { blobOfPart, partsOf } from "./blobs.js";
import { blobOf, expirationOf, versionOf } from "./entry-codec.js";
import { boundsOf, expiryKey, parseExpiryKey } from "./keys.js";
import { readMeta } from "./meta.js";
import { findNamespace, pageOfNamespaces } from "./namespace-table.js";
import { readU56 } from "./numbers.js";
import { reclaimRows } from "./reclaim.js";
import { exactly, rowsOf, type Tables } from "./tables.js";

/**
 * Everything that must agree in a data directory and does not, one sentence each; none when all is well. Looks at
 * every row in one snapshot, without letting other work through: for tests and for a store that is not serving.
 */
export function checkTables(tables: Tables): readonly string[] {
  const check = new Check(tables);
  const reclaimed = [...reclaimRows(tables)];
  const { namespaces } = pageOfNamespaces(tables, {});
  check.titles(namespaces);
  const numbers = new Set([
    ...namespaces.map((namespace) => namespace.number),
    ...reclaimed.filter((row) => row.kind === "namespace").map((row) => row.number),
  ]);
  let entries = 0;
  for (const number of numbers) entries += check.entriesOf(number);
  const stored = rowsOf(tables.entries);
  if (stored !== entries) check.problems.push(`${stored - entries} entries belong to no namespace.`);
  check.expiryRows();
  check.parts(new Set(reclaimed.filter((row) => row.kind === "blob").map((row) => row.number)));
  check.changes();
  return check.problems;
}

class Check {
  readonly problems: string[] = [];
  readonly #tables: Tables;
  readonly #lastVersion: number;
  readonly #referenced = new Map<number, number>();

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#lastVersion = readMeta(tables.meta, "lastVersion");
  }

  titles(namespaces: readonly NamespaceRecord[]): void {
    for (const { id, title } of namespaces) {
      if (findNamespace(this.#tables, title)?.id === id) continue;
      this.problems.push(`Namespace ${id} is not found by its title ${JSON.stringify(title)}.`);
    }
    const more = rowsOf(this.#tables.titles) - namespaces.length;
    if (more > 0) this.problems.push(`The index has ${more} titles that no namespace has.`);
  }

  /** How many entries the namespace has. */
  entriesOf(namespace: number): number {
    const { from, to } = boundsOf(namespace, {});
    let count = 0;
    for (const { key, value } of this.#tables.entries.getRange({ start: from, end: to })) {
      // A copy: the index is read in between.
      this.#entry(namespace, key as string, Buffer.from(exactly(value)));
      count++;
    }
    return count;
  }

  #entry(namespace: number, key: string, bytes: Buffer): void {
    const name = `${namespace}/${JSON.stringify(key)}`;
    this.#version(`Entry ${name}`, versionOf(bytes));
    const blob = blobOf(bytes);
    const expirationMs = expirationOf(bytes);
    if (blob !== null) {
      if (this.#referenced.has(blob.blob)) this.problems.push(`Blob ${blob.blob} has two entries.`);
      this.#referenced.set(blob.blob, blob.byteLength);
    }
    if (expirationMs === 0) return;
    const row = this.#tables.expiry.getBinaryFast(expiryKey(expirationMs, namespace, key));
    const indexed = row === undefined || row.length === 0 ? null : readU56(row, 0);
    if (row === undefined) this.problems.push(`Entry ${name} expires but is not in the index.`);
    else if (indexed !== (blob?.blob ?? null)) this.problems.push(`The index has another blob for ${name}.`);
  }

  expiryRows(): void {
    for (const row of this.#tables.expiry.getKeys({})) {
      const { expirationMs, namespace, key } = parseExpiryKey(Buffer.from(row));
      this.#tables.entryKeys.namespace = namespace;
      const bytes = this.#tables.entries.getBinaryFast(key);
      if (bytes !== undefined && expirationOf(bytes) === expirationMs) continue;
      this.problems.push(
        `The index has ${namespace}/${JSON.stringify(key)} at ${expirationMs}, its entry has not.`,
      );
    }
  }

  parts(awaitingReclaim: ReadonlySet<number>): void {
    const found = new Map<number, { parts: number; byteLength: number }>();
    for (const { key, value } of this.#tables.blobs.getRange({})) {
      const blob = found.get(blobOfPart(key)) ?? { parts: 0, byteLength: 0 };
      blob.parts++;
      blob.byteLength += value.length;
      if (value.length > PART_BYTES)
        this.problems.push(`Blob ${blobOfPart(key)} has a part that is too long.`);
      found.set(blobOfPart(key), blob);
    }
    for (const [blob, byteLength] of this.#referenced) {
      const stored = found.get(blob);
      if (stored?.byteLength !== byteLength || stored.parts !== partsOf(byteLength)) {
        this.problems.push(`Blob ${blob} has ${stored?.byteLength ?? 0} of ${byteLength} bytes.`);
      }
      if (awaitingReclaim.has(blob)) this.problems.push(`Blob ${blob} has an entry and is to be reclaimed.`);
    }
    for (const blob of found.keys()) {
      if (this.#referenced.has(blob) || awaitingReclaim.has(blob)) continue;
      this.problems.push(`Blob ${blob} belongs to nothing.`);
    }
  }

  changes(): void {
    for (const key of this.#tables.changes.getKeys({})) this.#version("A change", readU56(key, 0));
  }

  #version(what: string, version: number): void {
    if (version >= 1 && version <= this.#lastVersion) return;
    this.problems.push(`${what} has version ${version}; the last one given out is ${this.#lastVersion}.`);
  }
}
