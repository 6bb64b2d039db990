import { type KvError, TTL_SECONDS_MIN } from "@kvasir/client/namespace";
import { Database } from "./database.js";
import { openEngine } from "./engines/registry.js";
import { simulated } from "./layers/simulated/simulated.js";
import { type Clock, FakeClock, systemClock } from "./store/clock.js";
import type { Store } from "./store/store.js";
import type { UpgradeOptions } from "./store/upgrade.js";

export interface OpenOptions extends UpgradeOptions {
  /** Where time comes from; tests pass a `FakeClock`. @default the system's clock */
  readonly clock?: Clock | undefined;
  /** Shortest time to live that is accepted, in seconds. @default 60, as in Workers KV */
  readonly ttlSecondsMin?: number | undefined;
  /**
   * `strict`: a write resolves when it is on disk. `relaxed`: when every process sees it. A crash of the
   * process then still loses nothing; one of the machine loses the last writes and may damage the file, so
   * keep it for data that can be made again. @default "strict"
   */
  readonly durability?: "strict" | "relaxed" | undefined;
  /**
   * How long a replaced large value can still be read to its end by readers that have begun, in milliseconds.
   * Its space is free after that, so a lower value suits data that is replaced all the time.
   * @default 600,000
   */
  readonly replacedKeptMs?: number | undefined;
  /**
   * Called when the data directory was moved, removed or replaced while it is open, once until it is back.
   * Writes are refused with the same error meanwhile. @default not called
   */
  readonly onProblem?: ((error: KvError) => void) | undefined;
  /**
   * For tests. `edge` simulates a hosted, eventually consistent service. Reads and lists may be up to a
   * minute old (or a read's `cacheTtl`), missing keys included, and a second write of a key within a second
   * is refused with `rate_limited`; conditions, counters and `atomic()` act on what is stored.
   * @default "strong"
   */
  readonly consistency?: "strong" | "edge" | undefined;
  /** Draws how old each read is under `edge`. The same seed, reads and times give the same results. @default 1 */
  readonly seed?: number | undefined;
}

/**
 * Opens the data that `locator` names. A path is a data directory, created when it is missing, which several
 * processes may have open. `":memory:"` is a store that is gone when it is closed.
 *
 * @throws KvError `storage_format` when a newer version wrote the data, `storage_corrupt`,
 *   `storage_read_only`
 * @throws KvError `unsupported` for a `scheme://` that this version has no engine for
 * @example
 * const database = open("./data");
 * const kv = database.namespace("preferences");
 * await kv.put("theme", "dark");
 * await database.close();
 */
export function open(locator: string, options: OpenOptions = {}): Database {
  const { clock = systemClock, ttlSecondsMin = TTL_SECONDS_MIN, durability = "strict" } = options;
  const { consistency = "strong", seed = 1 } = options;
  const store = openEngine(locator, {
    clock,
    durability,
    replacedKeptMs: options.replacedKeptMs,
    onProblem: options.onProblem,
    upgradeBackup: options.upgradeBackup,
    onUpgrade: options.onUpgrade,
  });
  const swept = clock instanceof FakeClock ? sweptWhenMoved(store, clock) : store;
  const seen = consistency === "edge" ? simulated(swept, { clock, seed }) : swept;
  return new Database(seen, { clock, rules: { ttlSecondsMin } });
}

/**
 * Expired entries are reclaimed, and watches hear of it, with the advance and not up to a second after it.
 */
function sweptWhenMoved(store: Store, clock: FakeClock): Store {
  const stop = clock.onAdvance(async () => {
    try {
      await store.maintenance.sweep?.();
    } catch {
      // It cannot write now: its own sweeper tries again.
    }
  });
  return {
    ...store,
    close() {
      stop();
      return store.close();
    },
  };
}
