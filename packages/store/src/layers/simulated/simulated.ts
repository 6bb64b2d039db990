import type { Clock } from "../../store/clock.js";
import type { Store } from "../../store/store.js";
import { Memory } from "./memory.js";
import { simulatedReads } from "./reads.js";
import { simulatedWrites } from "./writes.js";

export interface SimulatedOptions {
  readonly clock: Clock;
  /** Another seed gives other delays. */
  readonly seed: number;
}

/**
 * A layer that makes a store behave as a hosted, eventually consistent service does for a reader far from the
 * writer. For tests: a program that works here does not count on more than such a service promises.
 *
 * - A read returns what the same read has found before, also that there was nothing, for up to a minute or
 *   the time that the read allows. Writes do not change that.
 * - So does a page of a list; a new key takes up to a minute to be listed.
 * - A second put or delete of a key within a second is refused.
 *
 * How long "up to" is depends on the seed, the key and the time of the first read, and on nothing else.
 * Operations that a hosted service does not have (conditions, counters, several changes at once, `touch`,
 * counts, deletion by prefix, watches) always act on the store behind.
 */
export function simulated(store: Store, { clock, seed }: SimulatedOptions): Store {
  const memory = new Memory(clock, seed);
  const { entries, namespaces } = store;
  return {
    ...store,
    supports: { ...store.supports, strong: false },
    entries: { ...entries, ...simulatedReads(entries, memory), ...simulatedWrites(entries, memory) },
    namespaces: {
      ...namespaces,
      async delete(id) {
        await namespaces.delete(id);
        memory.forgetNamespace(id);
      },
    },
  };
}
