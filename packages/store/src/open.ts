import { type KvError, TTL_SECONDS_MIN } from "@kvasir/client/namespace";
import { Database } from "./database.js";
import { type LmdbStore, openLmdbStore } from "./engines/lmdb/lmdb-store.js";
import { HostedStore } from "./layers/simulated/simulated.js";
import { type Clock, FakeClock, systemClock } from "./store/clock.js";

export { checkDataDirectory } from "./engines/lmdb/check-directory.js";
export { type CheckProblem, type CheckReport, unreadableReport } from "./engines/lmdb/check-report.js";
export { DATA_FILE } from "./engines/lmdb/limits.js";

export interface OpenOptions {
  /** Where time comes from; tests pass a `FakeClock`. @default the system's clock */
  readonly clock?: Clock | undefined;
  /** Shortest time to live that is accepted, in seconds. @default 60, as in Workers KV */
  readonly ttlSecondsMin?: number | undefined;
  /**
   * `strict`: a write resolves when it is on disk. `relaxed`: when every process sees it. A crash of the process
   * then still loses nothing; one of the machine loses the last writes and may damage the file, so keep it for
   * data that can be made again. @default "strict"
   */
  readonly durability?: "strict" | "relaxed" | undefined;
  /**
   * Called when the data directory was moved, removed or replaced while it is open, once until it is back. Writes are
   * refused with the same error meanwhile. @default nobody is told
   */
  readonly onProblem?: ((error: KvError) => void) | undefined;
  /**
   * For tests. `edge`: as a hosted, eventually consistent service has it. Reads and lists may be up to a minute old (or
   * a read's `cacheTtl`), missing keys included, and a second write of a key within a second is refused with
   * `rate_limited`; conditions, counters and `atomic()` act on what is stored. @default "strong"
   */
  readonly consistency?: "strong" | "edge" | undefined;
  /** How old which answer is under `edge`; the same seed, reads and times give the same answers. @default 1 */
  readonly seed?: number | undefined;
}

/**
 * Opens the data directory `location`, made when it is not there; several processes may have it open. `":memory:"`
 * is a store that is gone when it is closed.
 *
 * @throws KvError `storage_format` when a newer version wrote it, `storage_corrupt`, `storage_read_only`
 * @example
 * const database = open("./data");
 * const kv = database.namespace("preferences");
 * await kv.put("theme", "dark");
 * await database.close();
 */
export function open(location: string, options: OpenOptions = {}): Database {
  const { clock = systemClock, ttlSecondsMin = TTL_SECONDS_MIN, durability = "strict" } = options;
  const { consistency = "strong", seed = 1 } = options;
  const store = openLmdbStore(location, { clock, durability, onProblem: options.onProblem });
  if (clock instanceof FakeClock) sweepWhenMoved(store, clock);
  const seen = consistency === "edge" ? new HostedStore(store, { clock, seed }) : store;
  return new Database(seen, { clock, rules: { ttlSecondsMin } });
}

/** What has expired is reclaimed, and watches hear of it, with the advance and not up to a second after it. */
function sweepWhenMoved(store: LmdbStore, clock: FakeClock): void {
  const stop = clock.onAdvance(async () => {
    try {
      await store.sweep();
    } catch {
      // Closed, or it cannot write: its own sweeper tries again while it is open.
      stop();
    }
  });
}
