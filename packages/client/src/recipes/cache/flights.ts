import type { Found } from "./entries.js";
import type { CacheEntry } from "./entry.js";
import type { TagVersions } from "./tag-version.js";

export interface Landed {
  /** `null` if there is nothing that other callers can use. */
  readonly entry: CacheEntry | null;
  /** Whether this process computed it. Otherwise another one did. */
  readonly computed: boolean;
}

/** A computation in flight in this process. */
export interface Flight {
  /** `null` if another caller took the lease first. */
  readonly result: Promise<Landed | null>;
  /** A moment before which no invalidation can have been missed. `undefined` until the computation begins. */
  readonly begunAt: number | undefined;
  /** The owner of its lease, if there are leases. */
  readonly owner: string | undefined;
  readonly tags: TagVersions;
  /** Callers do not wait beyond this time, because the computation may hang. */
  readonly untilMs: number;
}

/**
 * The computations in flight in this process, and the rule for joining them: a caller may wait only for a
 * result that cannot be older than an invalidation which had ended before the call.
 */
export class Flights {
  readonly #byKey = new Map<string, Flight>();
  #moments = 0;

  /** The next moment of a logical clock of this process. */
  moment(): number {
    return ++this.#moments;
  }

  /** The computation that a caller may join, given that its lookup began at the moment `lookedAt`. */
  joinable(
    key: string,
    { lookedAt, nowMs }: { readonly lookedAt: number; readonly nowMs: number },
    { lease, tags }: Found,
  ): Flight | undefined {
    const flight = this.#byKey.get(key);
    if (flight === undefined || nowMs >= flight.untilMs) return undefined;
    const beginsLater = flight.begunAt === undefined || lookedAt < flight.begunAt;
    const stillWanted = lease?.owner === flight.owner && sameVersions(tags, flight.tags);
    return beginsLater || stillWanted ? flight : undefined;
  }

  /** Whether a computation for the key is in flight and not late. */
  has(key: string, nowMs: number): boolean {
    const flight = this.#byKey.get(key);
    return flight !== undefined && nowMs < flight.untilMs;
  }

  add(key: string, flight: Flight): void {
    this.#byKey.set(key, flight);
    const done = () => {
      if (this.#byKey.get(key) === flight) this.#byKey.delete(key);
    };
    flight.result.then(done, done);
  }

  /** Prevents further callers from joining it. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }
}

function sameVersions(some: TagVersions, others: TagVersions): boolean {
  return [...some].every(([tag, version]) => others.get(tag) === version);
}
