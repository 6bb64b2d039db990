import { readMeta } from "./meta.js";
import { intactNamespaces } from "./namespace-table.js";
import type { Tables } from "./tables.js";

/**
 * Ids of namespaces by their numbers, for feeds of all namespaces. There is no index for this on disk: a
 * number that is not known costs one pass over the namespaces, at most once for each change to them.
 */
export class NamespaceIds {
  readonly #tables: Tables;
  #ids: ReadonlyMap<number, string> = new Map();
  /** Of the namespaces when they were last read. */
  #catalogVersion = -1;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** `null` for a namespace that was deleted, or whose record is damaged. */
  idOf(number: number): string | null {
    const known = this.#ids.get(number);
    if (known !== undefined) return known;
    const catalogVersion = readMeta(this.#tables.meta, "catalogVersion");
    if (catalogVersion === this.#catalogVersion) return null;
    this.#ids = new Map(intactNamespaces(this.#tables).map(({ number, id }) => [number, id]));
    this.#catalogVersion = catalogVersion;
    return this.#ids.get(number) ?? null;
  }
}
