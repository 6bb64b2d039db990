import type { KvError, MaybePromise } from "@kvasir/client/namespace";
import { checkBackup as checkBackupOf } from "../backup/check-backup.js";
import type { CheckReport } from "../store/check-report.js";
import type { Clock } from "../store/clock.js";
import { EMBEDDED, noEngineError, parseLocator } from "../store/locator.js";
import type { Store } from "../store/store.js";
import type { UpgradeOptions } from "../store/upgrade.js";
import { openClusterStore } from "./cluster/open.js";
import { checkDataDirectory } from "./lmdb/check-directory.js";
import { FORMAT } from "./lmdb/format.js";
import { openLmdbStore } from "./lmdb/lmdb-store.js";
import { CLUSTER_SCHEMES } from "./places.js";

export { checkDataDirectory } from "./lmdb/check-directory.js";
export { DATA_FILE } from "./lmdb/limits.js";

export interface EngineOptions extends UpgradeOptions {
  readonly clock: Clock;
  readonly durability: "strict" | "relaxed";
  /** How long a replaced large value stays readable for readers that have begun, in milliseconds. */
  readonly replacedKeptMs?: number | undefined;
  /** Called when the data cannot be reached any more, once until they are back. */
  readonly onProblem: ((error: KvError) => void) | undefined;
}

/**
 * Opens the data that `rest`, a locator without its scheme, names. An engine that has to connect first does
 * so in the background: its operations wait for it, and `health()` tells why they fail.
 */
type OpenEngine = (rest: string, options: EngineOptions) => Store;

/** The engines by the schemes of their locators. No other file imports an engine. */
const ENGINES: ReadonlyMap<string, OpenEngine> = new Map<string, OpenEngine>([
  [EMBEDDED, openLmdbStore],
  ...Array.from(
    CLUSTER_SCHEMES,
    ([scheme, transport]) =>
      [scheme, (rest: string, options: EngineOptions) => openClusterStore(rest, options, transport)] as const,
  ),
]);

/** @throws KvError `unsupported` for a scheme without an engine, and what the engine throws */
export function openEngine(locator: string, options: EngineOptions): Store {
  const { engine, rest } = parseLocator(locator);
  const openStore = ENGINES.get(engine);
  if (openStore === undefined) throw noEngineError(engine);
  return openStore(rest, options);
}

/**
 * Checks a backup: its data file against the checksum that it was found sound with, and everything in it as in a data
 * directory. A backup in an older format is compared with its checksum only, because opening it would change it.
 *
 * @param check checks the backup as a data directory. @default {@link checkDataDirectory}
 */
export function checkBackup(
  path: string,
  check: (directory: string) => MaybePromise<CheckReport> = checkDataDirectory,
): Promise<CheckReport> {
  return checkBackupOf(path, FORMAT, check);
}
