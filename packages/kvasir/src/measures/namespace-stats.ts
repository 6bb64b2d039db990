import { NAMESPACES_MEASURED_MAX } from "./limits.js";
import { RequestStats } from "./request-stats.js";

/** Requests that only read, and all others. */
export type Access = "read" | "write";

type Stats = Readonly<Record<Access, RequestStats>>;

/**
 * Requests by namespace. The first {@link NAMESPACES_MEASURED_MAX} namespaces that a request succeeds for keep
 * a place of their own until the process ends, so that no counter ever falls. All others share one place.
 */
export class NamespaceStats {
  readonly #measured = new Map<string, Stats>();
  readonly #others = newStats();
  #last = this.#others;
  #lastId = "";

  observe(namespaceId: string, access: Access, status: number, seconds: number): void {
    // Most requests are for the namespace of the last one, and comparing ids costs less than hashing one.
    if (namespaceId !== this.#lastId) {
      this.#last = this.#statsOf(namespaceId, status);
      this.#lastId = this.#last === this.#others ? "" : namespaceId;
    }
    this.#last[access].observe(status, seconds);
  }

  #statsOf(namespaceId: string, status: number): Stats {
    const known = this.#measured.get(namespaceId);
    if (known !== undefined) return known;
    // A request for an id that does not exist must not take a place.
    if (status >= 400 || this.#measured.size >= NAMESPACES_MEASURED_MAX) return this.#others;
    const stats = newStats();
    this.#measured.set(namespaceId, stats);
    return stats;
  }

  /** `namespace` is `undefined` for those that are counted together. */
  *entries(): Iterable<{ namespace: string | undefined; access: Access; stats: RequestStats }> {
    for (const [namespace, stats] of [...this.#measured, [undefined, this.#others] as const]) {
      for (const access of ["read", "write"] as const) {
        if (stats[access].count > 0) yield { namespace, access, stats: stats[access] };
      }
    }
  }
}

function newStats(): Stats {
  return { read: new RequestStats(), write: new RequestStats() };
}
