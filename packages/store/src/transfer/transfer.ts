import { Catalog } from "../rules/catalog.js";
import type { Clock } from "../store/clock.js";
import type { Store } from "../store/store.js";
import type { EntryFormat } from "./encode-entry.js";
import { encodeEntries } from "./export-entries.js";
import { type ImportReport, importItems } from "./import-items.js";
import { countingSink, intoOne, intoTitles } from "./import-targets.js";
import { namespaceSink, type SinkOptions } from "./namespace-sink.js";
import { type NamespaceSourceOptions, namespaceSource } from "./namespace-source.js";
import { type ReadItemsOptions, type RefusedItem, readItems } from "./read-items.js";

/** What exports read and imports write: a `Database` is one. */
export interface TransferPlace {
  readonly store: Store;
  readonly clock: Clock;
}

export interface ExportOptions extends NamespaceSourceOptions {
  /** @default "" */
  readonly prefix?: string | undefined;
  /** Begin with the first key behind this one. */
  readonly after?: string | undefined;
  /** Most entries. @default no limit */
  readonly limit?: number | undefined;
  /** `json`: the array that `wrangler kv bulk put` takes. @default "jsonl" */
  readonly format?: EntryFormat | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ImportOptions extends SinkOptions, Omit<ReadItemsOptions, "nowMs"> {
  /** Id of the namespace. @default the namespaces of the titles that the file names, created if they are missing */
  readonly namespace?: string | undefined;
  /** Called with each entry that cannot be stored. */
  readonly onRefused?: ((refused: RefusedItem) => void | Promise<void>) | undefined;
}

/**
 * A namespace as the bytes of a file, with everything that belongs to its entries. Memory does not depend on their
 * number. Entries that are written meanwhile may or may not be among them.
 *
 * @throws KvError `namespace_not_found`, `storage_corrupt` for a damaged entry
 * @example
 * const { id } = await database.catalog.ensureTitle("sessions");
 * await pipeline(exportNamespace(database, id), createWriteStream("sessions.jsonl"));
 */
export async function* exportNamespace(
  { store, clock }: TransferPlace,
  id: string,
  { onLargeValue, ...options }: ExportOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const namespace = await new Catalog(store.namespaces).require(id);
  const source = namespaceSource(store, id, { onLargeValue });
  yield* encodeEntries(source, { ...options, header: { namespace, nowMs: clock.nowMs() } });
}

/**
 * All namespaces, or those with the given ids, one after the other by title. Each begins with a line that names it.
 *
 * @throws KvError what {@link exportNamespace} throws
 */
export async function* exportNamespaces(
  place: TransferPlace,
  options: Omit<ExportOptions, "format" | "after" | "limit"> & {
    readonly among?: ReadonlySet<string> | undefined;
  } = {},
): AsyncGenerator<Uint8Array, void> {
  const { among, ...rest } = options;
  const catalog = new Catalog(place.store.namespaces);
  const { namespaces } = await catalog.list({ order: "title", among });
  for (const { id } of namespaces) yield* exportNamespace(place, id, rest);
}

/**
 * Writes the entries of a file: what an export wrote, or the array that `wrangler kv bulk put` takes. What cannot be
 * stored is counted and told, and does not keep the rest out. A second import of the same file leaves the same data.
 *
 * @throws KvError `bad_request` for a file of another tool, or with several namespaces for one, and what reading and
 *   writing throws (`storage_full`, `namespace_not_found`); entries before that have been written
 * @example
 * const report = await importEntries(database, createReadStream("sessions.jsonl"), { onConflict: "skip" });
 * console.log(report.entries, report.refused);
 */
export async function importEntries(
  { store, clock }: TransferPlace,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { namespace, onRefused, onConflict, dryRun, ...reading }: ImportOptions = {},
): Promise<ImportReport> {
  const sinkOf = (id: string) => namespaceSink(store, id, { clock, onConflict, dryRun });
  const catalog = new Catalog(store.namespaces);
  const sinkFor =
    namespace !== undefined
      ? intoOne(async () => sinkOf((await catalog.require(namespace)).id))
      : intoTitles(async ({ title, attributes }) => {
          const found = await catalog.find(title);
          if (found === null && dryRun === true) return countingSink(() => clock.nowMs());
          return sinkOf((found ?? (await catalog.ensureTitle(title, attributes))).id);
        });
  return importItems(readItems(chunks, { ...reading, nowMs: () => clock.nowMs() }), { sinkFor, onRefused });
}
