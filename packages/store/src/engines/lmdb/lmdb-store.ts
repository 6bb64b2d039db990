import type { KvError } from "@kvasir/client/namespace";
import { type Clock, systemClock } from "../../store/clock.js";
import type { Store } from "../../store/store.js";
import type { UpgradeOptions } from "../../store/upgrade.js";
import { type LmdbEntries, lmdbEntries } from "./entries.js";
import { type Durability, type Environment, openEnvironment } from "./environment.js";
import { type LmdbMaintenance, lmdbMaintenance } from "./maintenance.js";
import { type LmdbNamespaces, lmdbNamespaces } from "./namespaces.js";
import { Reader } from "./reader.js";
import { jsonRecords } from "./records.js";
import { Session } from "./session.js";
import { StagedWrites } from "./staged-writes.js";
import { makeRoom, Sweeper } from "./sweeper.js";
import { Watchers } from "./watch.js";

export interface LmdbStoreOptions extends UpgradeOptions {
  /** The source of time. @default the system's clock */
  readonly clock?: Clock | undefined;
  /**
   * With `strict`, a write resolves when it is on disk. With `relaxed`, it resolves when every process sees
   * it, and the operating system flushes later. A crash of the process then loses nothing. A crash of the
   * machine loses the last writes and may damage the file, so use it only for data that can be made again.
   * @default "strict"
   */
  readonly durability?: Durability | undefined;
  /** How long a replaced large value stays readable for readers that have begun, in milliseconds. @default 600,000 */
  readonly replacedKeptMs?: number | undefined;
  /** Called when the open data has been moved, removed or replaced. Called once until the data is back. */
  readonly onProblem?: ((error: KvError) => void) | undefined;
}

/** The embedded engine. */
export interface LmdbStore extends Store {
  readonly entries: LmdbEntries;
  readonly namespaces: LmdbNamespaces;
  readonly maintenance: LmdbMaintenance;
  health(): void;
}

/**
 * Opens the data in the directory `location`, which is created when it is missing, or `":memory:"` for data
 * that is gone when the store is closed.
 *
 * @throws KvError `storage_format`, `storage_corrupt`, `storage_full`, `storage_read_only`
 * @example
 * const store = openLmdbStore("./data");
 */
export function openLmdbStore(location: string, options: LmdbStoreOptions = {}): LmdbStore {
  const { durability = "strict", replacedKeptMs, upgradeBackup, onUpgrade } = options;
  return lmdbStore(
    openEnvironment(location, { durability, replacedKeptMs, upgradeBackup, onUpgrade }),
    options,
  );
}

/** A store on an environment that is open, and that it lets go of when it is closed. */
export function lmdbStore(
  environment: Environment,
  { clock = systemClock, onProblem = () => {} }: LmdbStoreOptions = {},
): LmdbStore {
  const session = new Session(environment, clock);
  const guard = () => session.assertOpen();
  const nowMs = () => session.nowMs();
  const staged = new StagedWrites(session);
  const watchers = new Watchers(environment, guard);
  const sweeper = new Sweeper(environment, nowMs);
  const stopListening = [
    environment.onCommit(() => watchers.committed()),
    environment.files?.onGone((error) => onProblem(error)) ?? (() => {}),
    environment.onFull((transaction, rows) => makeRoom(transaction, { nowMs: nowMs(), rows })),
  ];
  if (environment.writable) sweeper.start();
  const hasPath = environment.files !== null;
  const maintenance = lmdbMaintenance(session, sweeper);

  return {
    supports: { atomicAcrossKeys: true, durable: hasPath, multiProcess: hasPath, strong: true },
    entries: lmdbEntries(session, new Reader(environment.tables, nowMs, guard), staged),
    namespaces: lmdbNamespaces(session),
    changes: {
      position(namespace) {
        session.assertOpen();
        if (namespace !== undefined) environment.catalog.numberOf(namespace);
        return watchers.position();
      },
      watch: (query) => watchers.watch(query),
    },
    maintenance,
    records: (table) => jsonRecords(session, table),

    health() {
      // Reads a number of the directory.
      watchers.position();
      const gone = environment.files?.check() ?? null;
      if (gone !== null) throw gone;
    },

    close: () =>
      session.close(async () => {
        sweeper.stop();
        maintenance.releaseSnapshots();
        for (const stop of stopListening) stop();
        // Watches then find out that the store is closed.
        watchers.wakeAll();
        await staged.settled();
      }),
  };
}
