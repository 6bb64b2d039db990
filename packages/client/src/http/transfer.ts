import type { EntryFile, ExportQuery, ImportQuery, ImportResult, TransferAdmin } from "../namespace/admin.js";
import { checkKey } from "../namespace/keys.js";
import { NAMESPACES_PATH } from "./admin-envelope.js";
import { BULK_DELETE_KEYS_MAX } from "./limits.js";
import type { Body, Requester } from "./requester.js";
import { EXPORT_PATH, IMPORT_PATH } from "./wire-names.js";

/** For all namespaces. */
const EXPORT_ALL_PATH = "/kvasir/export";
const IMPORT_ALL_PATH = "/kvasir/import";

/** Exports and imports over HTTP. */
export class HttpTransfer implements TransferAdmin {
  readonly #requester: Requester;
  readonly #patient: Requester;

  /** @param patient waits any time: an import takes as long as its file is large */
  constructor(requester: Requester, patient: Requester) {
    this.#requester = requester;
    this.#patient = patient;
  }

  export(namespace: string, options: ExportQuery = {}): Promise<ReadableStream<Uint8Array>> {
    const { prefix, after, limit, signal } = options;
    return this.#export(`${pathOf(namespace)}${EXPORT_PATH}`, { prefix, after, limit }, signal);
  }

  exportAll({
    prefix,
    signal,
  }: Pick<ExportQuery, "prefix" | "signal"> = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#export(EXPORT_ALL_PATH, { prefix }, signal);
  }

  import(namespace: string, file: EntryFile, options?: ImportQuery): Promise<ImportResult> {
    return this.#import(`${pathOf(namespace)}${IMPORT_PATH}`, file, options);
  }

  importAll(file: EntryFile, options?: ImportQuery): Promise<ImportResult> {
    return this.#import(IMPORT_ALL_PATH, file, options);
  }

  async delete(namespace: string, keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key);
    const path = `${NAMESPACES_PATH}/${encodeURIComponent(namespace)}/bulk/delete`;
    for (let at = 0; at < keys.length; at += BULK_DELETE_KEYS_MAX) {
      await this.#requester.head(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(keys.slice(at, at + BULK_DELETE_KEYS_MAX)),
      });
    }
  }

  async #export(path: string, query: object, signal: AbortSignal | undefined) {
    const { response, settle } = await this.#requester.send(path + queryText(query), { safe: true, signal });
    // Reading it takes the time that its reader takes.
    settle();
    return response.body as ReadableStream<Uint8Array>;
  }

  async #import(path: string, file: EntryFile, options: ImportQuery = {}): Promise<ImportResult> {
    const { onConflict, dryRun } = options;
    const { body } = await this.#patient.json(
      path + queryText({ on_conflict: onConflict, dry_run: dryRun }),
      {
        method: "POST",
        headers: { "Content-Type": "application/x-ndjson" },
        body: file as Body,
        streams: typeof file !== "string" && "getReader" in file,
      },
    );
    return body as ImportResult;
  }
}

function pathOf(namespace: string): string {
  return `/binding/${encodeURIComponent(namespace)}`;
}

function queryText(query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? "" : `?${parameters}`;
}
