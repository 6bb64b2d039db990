import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open as openLmdb, type RootDatabase } from "lmdb";
import { Catalog } from "./catalog.js";
import { Committer, type Transact } from "./committer.js";
import { storageError } from "./errors.js";
import { prepareFormat } from "./format.js";
import { MAP_BYTES, READERS_MAX } from "./limits.js";
import { openTables, type Tables } from "./tables.js";
import { WriteTransaction } from "./write-transaction.js";

export type Durability = "strict" | "relaxed";

export interface EnvironmentOptions {
  readonly durability: Durability;
  readonly mapBytes?: number | undefined;
}

/**
 * An open data directory, shared by every store that this process opens on it. It has to be shared: a second LMDB
 * handle on the same file would wait, on the main thread, for a transaction that needs the main thread to end.
 */
export class Environment {
  readonly path: string;
  readonly root: RootDatabase;
  readonly tables: Tables;
  readonly catalog: Catalog;
  readonly committer: Committer;
  readonly #commitListeners = new Set<() => void>();
  readonly #release: () => void;
  #users = 0;

  constructor(
    path: string,
    root: RootDatabase,
    options: { readonly transact: Transact; readonly release: () => void },
  ) {
    this.path = path;
    this.root = root;
    this.tables = openTables(root);
    prepareFormat(root, this.tables.meta, path);
    this.catalog = new Catalog(this.tables);
    this.#release = options.release;
    this.committer = new Committer({
      transact: options.transact,
      begin: () => new WriteTransaction(this.tables, this.catalog),
      settled: (committed) => this.#settled(committed),
    });
  }

  /** `listener` is called after each commit, until it is removed by calling what this answers. */
  onCommit(listener: () => void): () => void {
    this.#commitListeners.add(listener);
    return () => this.#commitListeners.delete(listener);
  }

  acquire(): this {
    this.#users++;
    return this;
  }

  /** The last user closes it. */
  async letGo(): Promise<void> {
    if (--this.#users > 0) return;
    await this.committer.close();
    this.#release();
    await this.root.close();
  }

  #settled(committed: boolean): void {
    if (committed) this.catalog.recheck();
    else this.catalog.forget();
    for (const listener of this.#commitListeners) listener();
  }
}

const opened = new Map<string, Environment>();

/** @throws KvError `storage_corrupt`, `storage_format`, `storage_full`, `storage_read_only` */
export function openEnvironment(location: string, options: EnvironmentOptions): Environment {
  if (location === ":memory:") return openInMemory(options);
  try {
    mkdirSync(location, { recursive: true });
    const path = realpathSync(location);
    const known = opened.get(path);
    if (known !== undefined) return known.acquire();
    const root = openRoot(path, { ...options, inMemory: false });
    const transact = durableTransact(root, path);
    const environment = new Environment(path, root, { transact, release: () => opened.delete(path) });
    opened.set(path, environment);
    return environment.acquire();
  } catch (error) {
    throw storageError(error, location);
  }
}

function openInMemory(options: EnvironmentOptions): Environment {
  const path = mkdtempSync(join(tmpdir(), "kvasir-"));
  const remove = () => rmSync(path, { recursive: true, force: true });
  process.once("exit", remove);
  const root = openRoot(path, { ...options, inMemory: true });
  const release = () => {
    process.removeListener("exit", remove);
    remove();
  };
  return new Environment(path, root, { transact: durableTransact(root, path), release }).acquire();
}

function openRoot(
  path: string,
  { durability, mapBytes = MAP_BYTES, inMemory }: EnvironmentOptions & { readonly inMemory: boolean },
): RootDatabase {
  return openLmdb(join(path, "data.mdb"), {
    noSubdir: true,
    maxDbs: 16,
    maxReaders: READERS_MAX,
    mapSize: mapBytes,
    // A commit ends when its pages are on disk, as in plain LMDB: what the binding's overlapping flush adds is
    // another order of things to trust after a power cut, and no speed (see DESIGN.md).
    overlappingSync: false,
    eventTurnBatching: false,
    noSync: inMemory || durability === "relaxed",
  });
}

/** The transaction runs on this thread, its commit and flush on another. */
function durableTransact(root: RootDatabase, path: string): Transact {
  return async (work) => {
    try {
      await root.transaction(work);
    } catch (error) {
      const { commitError } = error as { readonly commitError?: Promise<never> };
      // The binding rejects with a general error that carries the real one, as a promise.
      throw storageError(commitError === undefined ? error : await commitError.catch((cause) => cause), path);
    }
  };
}
