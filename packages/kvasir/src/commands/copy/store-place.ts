import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { type Database, namespaceSink, namespaceSource, open, TRANSFER_BATCH_ENTRIES } from "@kvasir/store";
import { Failure } from "../../failure/failure.js";
import { makeDataDirectory } from "../../server/data-directory.js";
import { noteLine } from "../../terminal/output.js";
import { emptyPlace } from "./empty-place.js";
import type { CopyLocator } from "./locator.js";
import { type CopyPlace, type OpenTargetOptions, readSampleOf } from "./place.js";

export type StoreLocator = Extract<CopyLocator, { kind: "directory" | "store" }>;

/** Opens a namespace of a data directory, or of another store that `open()` knows, to copy from it. */
export async function openStoreSource(locator: StoreLocator): Promise<CopyPlace> {
  if (locator.kind === "directory" && !existsSync(locator.directory)) {
    throw new Failure(`There is no data in ${locator.directory}.`, {
      hint: "Check the folder before # of --from.",
    });
  }
  return await withDatabase(locator, async (database) => {
    const id = await idIn(database, locator.namespace);
    if (id === undefined) throw noNamespace(locator);
    return placeIn(database, locator, id);
  });
}

/** The same to copy to it. */
export async function openStoreTarget(
  locator: StoreLocator,
  { creates, onCreated }: OpenTargetOptions,
): Promise<CopyPlace> {
  if (locator.kind === "directory") {
    if (!existsSync(locator.directory)) {
      if (looksLikeId(locator.namespace)) throw noNamespace(locator);
      if (!creates) return emptyPlace(locator.shown);
    }
    makeDataDirectory(resolve(locator.directory), (notice) => void noteLine(notice));
  }
  return await withDatabase(locator, async (database) => {
    const id = await idIn(database, locator.namespace);
    if (id !== undefined) return placeIn(database, locator, id);
    if (looksLikeId(locator.namespace)) throw noNamespace(locator);
    if (!creates) {
      await database.close();
      return emptyPlace(locator.shown);
    }
    const created = await database.catalog.ensureTitle(locator.namespace);
    onCreated(locator.shown);
    return placeIn(database, locator, created.id);
  });
}

/** An id that does not exist is a mistake. A title that does not exist may be made. */
export function looksLikeId(namespace: string): boolean {
  return /^[0-9a-f]{32}$/.test(namespace);
}

async function withDatabase(
  locator: StoreLocator,
  work: (database: Database) => Promise<CopyPlace>,
): Promise<CopyPlace> {
  const database = open(locator.kind === "directory" ? locator.directory : locator.locator);
  try {
    return await work(database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function idIn({ catalog }: Database, name: string): Promise<string | undefined> {
  const found = (await catalog.get(name)) ?? (await catalog.find(name));
  return found?.id;
}

function placeIn(database: Database, locator: StoreLocator, id: string): CopyPlace {
  const { store, clock } = database;
  const source = namespaceSource(store, id);
  return {
    shown: locator.shown,
    identity: `${placeName(locator)}#${id}`,
    source,
    keeps: { wholeSeconds: false, contentType: true },
    behindMs: 0,
    batchEntries: TRANSFER_BATCH_ENTRIES,
    batchesInFlight: 2,
    isSlow: false,
    readsInBulk: false,
    sink: (options) => namespaceSink(store, id, { clock, ...options }),
    count: (prefix) => store.entries.count(id, { prefix: prefix === "" ? undefined : prefix }),
    readSample: (sample) => readSampleOf(source, sample),
    close: () => database.close(),
  };
}

function placeName(locator: StoreLocator): string {
  if (locator.kind === "directory") return realpathSync(locator.directory);
  return locator.shown.slice(0, -locator.namespace.length - 1);
}

function noNamespace({ shown, namespace, ...locator }: StoreLocator): Failure {
  const place = shown.slice(0, -namespace.length - 1);
  return new Failure(`There is no namespace ${JSON.stringify(namespace)} in ${place}.`, {
    hint:
      locator.kind === "directory"
        ? `\`kvasir kv namespace list --data ${place}\` shows their titles and ids.`
        : "Check the title or the id after #.",
  });
}
