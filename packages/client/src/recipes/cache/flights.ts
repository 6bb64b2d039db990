import type { Found } from "./entries.js";
import type { CacheEntry, TagVersions } from "./entry.js";

export interface Landed {
  /** `null`: nothing that is of use to others. */
  readonly entry: CacheEntry | null;
  /** Otherwise somebody else had computed it. */
  readonly computed: boolean;
}

/** A computation that is under way in this process. */
export interface Flight {
  /** `null`: somebody else took the lease first. */
  readonly result: Promise<Landed | null>;
  /** Before this no invalidation can have been missed. `undefined` until the computation begins. */
  readonly begunAt: number | undefined;
  /** Of its lease, where there are leases. */
  readonly owner: string | undefined;
  readonly tags: TagVersions;
  /** After this nobody waits for it any more: what it waits for may never come. */
  readonly untilMs: number;
}

/**
 * The computations that are under way in this process, and who may wait for them: only those whose result cannot be
 * from before an invalidation that the caller knows to be done.
 */
export class Flights {
  readonly #byKey = new Map<string, Flight>();
  #moments = 0;

  /** A moment of this process; later ones are larger. */
  moment(): number {
    return ++this.#moments;
  }

  /** The computation that a caller may wait for, who found this after a look that it began at `lookedAt`. */
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

  /** Whether one is under way that is not late. */
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

  /** Nobody is to wait for it any more. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }
}

function sameVersions(some: TagVersions, others: TagVersions): boolean {
  return [...some].every(([tag, version]) => others.get(tag) === version);
}
