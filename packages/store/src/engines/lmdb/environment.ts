import { realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { KvError } from "@kvasir/client/namespace";
import { open as openLmdb, type RootDatabase, type RootDatabaseOptions } from "lmdb";
import { withSystemTimers } from "../../store/timers.js";
import type { DataUpgrade, UpgradeOptions } from "../../store/upgrade.js";
import { assertGap, assertOpenable } from "./address-space.js";
import { Catalog } from "./catalog.js";
import { Committer, type MakeRoom, type Transact } from "./committer.js";
import { checkDataFile } from "./data-file.js";
import { damagedFileError, readOnlyError, storageError } from "./errors.js";
import {
  FORMAT,
  isCurrent,
  type MigrationHelp,
  migrateStep,
  olderFormatError,
  readFormat,
} from "./format.js";
import { DATA_FILE, MAP_BYTES, MEMORY_MAP_BYTES, PAGES_CHECKED_BYTES_MAX, READERS_MAX } from "./limits.js";
import { assertLockFile, lockFileOf, OpenedFiles } from "./opened-files.js";
import { checkPages } from "./page-check.js";
import { makePrivateDirectory, makePrivateFile } from "./private-files.js";
import { quietFailedCommits } from "./quiet-commits.js";
import { Snapshots } from "./snapshot.js";
import { openMeta, openTables, type Tables, unknownTables } from "./tables.js";
import { makeTemporaryDirectory } from "./temporary-directory.js";
import { backUpBeforeUpgrade } from "./upgrade-backup.js";
import { WriteTransaction } from "./write-transaction.js";

export type Durability = "strict" | "relaxed";

export interface EnvironmentOptions extends UpgradeOptions {
  readonly durability: Durability;
  /** How long a replaced large value stays readable, in milliseconds. @default RECLAIM_AFTER_MS */
  readonly replacedKeptMs?: number | undefined;
  /**
   * Whether nothing in the directory may change, apart from LMDB's lock file. An environment that this process has
   * open already is used as it is. @default false
   */
  readonly readOnly?: boolean | undefined;
}

/** What is known about a data file before it is read. */
interface FoundFile {
  readonly writable: boolean;
  /** Whether the file was empty. */
  readonly isNew: boolean;
  /** Whether the files have names. Those of a store in memory do not. */
  readonly named: boolean;
}

/**
 * An open data directory, shared by every store that this process opens on it. It has to be shared. A second
 * LMDB handle on the same file would block the main thread to wait for a transaction that needs the main
 * thread to finish. Closing the second handle would also release the file locks of the first.
 */
export class Environment {
  readonly file: string;
  readonly root: RootDatabase;
  readonly tables: Tables;
  readonly snapshots: Snapshots;
  readonly catalog: Catalog;
  readonly committer: Committer;
  readonly writable: boolean;
  readonly durability: Durability;
  /** `null` for a store in memory, because its files have no names. */
  readonly files: OpenedFiles | null;
  readonly #commitListeners = new Set<() => void>();
  readonly #roomMakers = new Set<MakeRoom>();
  readonly #released: () => void;
  #users = 0;

  /** `released` is called when the last user has released the environment. */
  constructor(
    file: string,
    root: RootDatabase,
    options: EnvironmentOptions & FoundFile & { readonly released: () => void },
  ) {
    this.file = file;
    this.root = root;
    quietFailedCommits(root);
    this.writable = options.writable;
    this.durability = options.durability;
    this.#released = options.released;
    this.tables = prepareTables(root, file, options);
    this.snapshots = new Snapshots(root, this.tables);
    this.catalog = new Catalog(this.tables, this.snapshots);
    this.files = options.named ? new OpenedFiles(file) : null;
    this.committer = new Committer({
      transact: options.writable
        ? transactOn(root, file, this.files)
        : () => Promise.reject(readOnlyError(file)),
      begin: () => new WriteTransaction(this.tables),
      settled: () => this.#settled(),
      unconfirmed: () => this.files?.check() ?? null,
      makeRoom: (transaction, rows) => {
        let removed = 0;
        for (const makeRoom of this.#roomMakers) removed += makeRoom(transaction, rows);
        return removed;
      },
    });
  }

  /** Calls `listener` after each commit. Returns a function that removes the listener. */
  onCommit(listener: () => void): () => void {
    this.#commitListeners.add(listener);
    return () => this.#commitListeners.delete(listener);
  }

  /** Calls `makeRoom` when the disk is full. Returns a function that removes it. */
  onFull(makeRoom: MakeRoom): () => void {
    this.#roomMakers.add(makeRoom);
    return () => this.#roomMakers.delete(makeRoom);
  }

  acquire(): this {
    this.#users++;
    return this;
  }

  /** Finishes the writes in progress. The last user closes the environment. */
  async letGo(): Promise<void> {
    await this.committer.settled();
    // Checked after the wait, because a store that opened the directory meanwhile shares this environment.
    if (--this.#users > 0) return;
    opened.delete(this);
    await this.committer.close();
    await withSystemTimers(() => this.root.close());
    this.#released();
  }

  #settled(): void {
    this.catalog.recheck();
    for (const listener of this.#commitListeners) listener();
  }
}

/** The environments whose files have names. */
const opened = new Set<Environment>();

/** @throws KvError `storage_corrupt`, `storage_format`, `storage_full`, `storage_gone`, `storage_read_only`, `unavailable` */
export function openEnvironment(location: string, options: EnvironmentOptions): Environment {
  if (location === ":memory:") return openTemporary(options);
  let file = join(location, DATA_FILE);
  try {
    if (options.readOnly !== true) makeDirectory(location);
    file = join(realpathSync(location), DATA_FILE);
    const environment = findOpened(file) ?? openWritableIfPossible(file, options);
    if (environment.durability !== options.durability) throw durabilityError(environment, options);
    opened.add(environment);
    return environment.acquire();
  } catch (error) {
    throw storageError(error, file);
  }
}

/**
 * Compares files, not names. LMDB must not open one file twice in a process, and the name may now lead to
 * another file.
 */
function findOpened(file: string): Environment | undefined {
  for (const environment of opened) {
    if (!environment.files?.isAt(file)) continue;
    const gone = environment.files.check();
    if (gone !== null) throw gone;
    return environment;
  }
  return undefined;
}

/** A handle flushes in one way only, so a store opened as `strict` must not get a `relaxed` environment. */
function durabilityError({ file, durability }: Environment, wanted: EnvironmentOptions): KvError {
  return new KvError("unavailable", `${file} is open in this process with durability "${durability}".`, {
    hint: `Close it there first, or open it with "${durability}" instead of "${wanted.durability}".`,
  });
}

function openTemporary(options: EnvironmentOptions): Environment {
  const directory = makeTemporaryDirectory();
  const file = join(directory.path, DATA_FILE);
  try {
    assertOpenable("A store in memory", MEMORY_MAP_BYTES);
    // Only this process has the file open, so its map can grow.
    const root = openLmdb(file, { ...lmdbOptions(options), mapSize: MEMORY_MAP_BYTES, noSync: true });
    const released = () => directory.remove();
    const found = { writable: true, isNew: true, named: false };
    const environment = new Environment(file, root, { ...options, ...found, released });
    // Nothing opens the directory by name again. Without names, the files disappear with the process, even if
    // it is killed. Windows does not allow the removal of open files.
    if (process.platform !== "win32") directory.remove();
    return environment.acquire();
  } catch (error) {
    directory.remove();
    throw storageError(error, file);
  }
}

function openWritableIfPossible(file: string, options: EnvironmentOptions): Environment {
  if (options.readOnly === true) return openAt(file, options, false);
  try {
    return openAt(file, options, true);
  } catch (error) {
    if (storageError(error, file).code !== "storage_read_only") throw error;
    return openAt(file, options, false);
  }
}

function openAt(file: string, options: EnvironmentOptions, writable: boolean): Environment {
  assertLockFile(file);
  const isThere = checkDataFile(file, { writable });
  if (!isThere && !writable) throw readOnlyError(file);
  assertOpenable(file, MAP_BYTES);
  assertGap(file, MAP_BYTES, opened.size);
  if (writable) makePrivateFile(file);
  if (writable || options.readOnly === true) makePrivateFileIfPossible(lockFileOf(file));
  const root = openLmdb(file, { ...lmdbOptions(options), readOnly: !writable });
  try {
    const found = { writable, isNew: !isThere, named: true };
    return new Environment(file, root, { ...options, ...found, released: () => {} });
  } catch (error) {
    // Nothing was written, so there is no need to wait.
    root.close().catch(() => {});
    throw error;
  }
}

function lmdbOptions({ durability }: EnvironmentOptions): RootDatabaseOptions {
  return {
    noSubdir: true,
    maxDbs: 16,
    maxReaders: READERS_MAX,
    mapSize: MAP_BYTES,
    // A commit ends when its pages are on disk, as in plain LMDB. The binding's overlapping flush is not safe
    // among several processes, and it flushes on the main thread (see DESIGN.md).
    overlappingSync: false,
    eventTurnBatching: false,
    noSync: durability === "relaxed",
  };
}

function makeDirectory(location: string): void {
  try {
    makePrivateDirectory(location);
  } catch (error) {
    // The directory may exist on a disk that is read-only.
    if ((error as NodeJS.ErrnoException).code !== "EROFS") throw error;
  }
}

/** LMDB does without a lock file on a disk that is read-only. */
function makePrivateFileIfPossible(path: string): void {
  try {
    makePrivateFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EROFS") throw error;
  }
}

function prepareTables(root: RootDatabase, file: string, options: FoundFile & EnvironmentOptions): Tables {
  const { writable, isNew, replacedKeptMs, readOnly } = options;
  if (!writable) {
    // Keeps writers from reusing the pages that are looked at.
    const reading = root.useReadTransaction();
    try {
      assertIntact(root, file);
      if (isCurrent({ meta: openMeta(root) }, file)) return openTables(root, replacedKeptMs);
    } finally {
      reading.done();
    }
    throw readOnly === true ? olderFormatError(file) : readOnlyError(file);
  }
  // Done in one transaction, so that a new directory costs one flush and no process sees it half made.
  let upgrade: DataUpgrade | undefined;
  const help: MigrationHelp = {
    others: () => otherProcesses(root),
    beforeUpgrade(fromFormat) {
      const backup = options.upgradeBackup === false ? null : backUpBeforeUpgrade(file, fromFormat);
      upgrade = { directory: dirname(file), fromFormat, toFormat: FORMAT, backup };
    },
  };
  const [tables, started] = root.transactionSync(() => {
    if (!isNew) assertIntact(root, file);
    const opened = openTables(root, replacedKeptMs);
    return [opened, migrateStep(opened, file, help)] as const;
  });
  let ready = started;
  while (!ready) ready = root.transactionSync(() => migrateStep(tables, file, help));
  if (upgrade !== undefined) options.onUpgrade?.(upgrade);
  return tables;
}

/**
 * Runs inside a transaction, so that no process changes these pages meanwhile, and before LMDB relies on the
 * contents of the file.
 */
function assertIntact(root: RootDatabase, file: string): void {
  const problems = statSync(file).size <= PAGES_CHECKED_BYTES_MAX ? checkPages(file) : [];
  if (problems.length > 0) throw damagedFileError(file, problems);
  // LMDB would create an empty table in place of one whose name has changed on disk.
  const [unknown] = unknownTables(root);
  if (unknown === undefined) return;
  // A newer format may have further tables, so that error comes first.
  readFormat({ meta: openMeta(root) }, file);
  throw damagedFileError(file, [`The table ${JSON.stringify(unknown)} is none of Kvasir's.`]);
}

/** The ids of the processes that have read from the directory and still have it open. */
function otherProcesses(root: RootDatabase): readonly number[] {
  // The output is a heading, then one line per reader: process, thread, transaction.
  const lines = (root as unknown as { readerList(): string }).readerList().split("\n").slice(1);
  return lines.map((line) => Number.parseInt(line, 10)).filter((pid) => pid > 0 && pid !== process.pid);
}

/**
 * The transaction runs on this thread, its commit and flush on another. It is a nested transaction, because
 * that is the only kind that the binding aborts when `work` throws. The binding would commit the partial work
 * of an ordinary one.
 */
function transactOn(root: RootDatabase, file: string, files: OpenedFiles | null): Transact {
  return async (work) => {
    const gone = files?.recheck() ?? null;
    if (gone !== null) throw gone;
    try {
      await withSystemTimers(() => root.childTransaction(work));
    } catch (error) {
      const { commitError } = error as { readonly commitError?: Promise<never> };
      // The binding rejects with a general error that carries a promise of the real one.
      throw storageError(commitError === undefined ? error : await commitError.catch((cause) => cause), file);
    }
  };
}
