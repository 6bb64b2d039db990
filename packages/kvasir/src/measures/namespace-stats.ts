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

  observe(namespaceId: string, access: Access, status: number, seconds: number): void {
    let stats = this.#measured.get(namespaceId);
    if (stats === undefined) {
      // A request for an id that does not exist must not take a place.
      const isThere = status < 400;
      stats = isThere && this.#measured.size < NAMESPACES_MEASURED_MAX ? newStats() : this.#others;
      if (stats !== this.#others) this.#measured.set(namespaceId, stats);
    }
    stats[access].observe(status, seconds);
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
