import type { MetricsSnapshot, OtherMetrics } from "../api/metrics/metrics.js";
import { METRICS_WAIT_MS } from "./limits.js";
import { countersOf, PastCounters } from "./past-counters.js";

interface Gathering {
  /** By worker. */
  readonly snapshots: Map<number, MetricsSnapshot>;
  readonly wanted: number;
  readonly done: () => void;
}

/**
 * Gathers the counts of the workers for the one that received a request for `/metrics`. It remembers the last
 * counts of each worker, because a sum without them would fall when a worker ends or does not respond.
 *
 * Workers have ids that are not used again when one is started in place of another.
 */
export class MetricsRelay {
  readonly #gatherings = new Map<number, Gathering>();
  readonly #last = new Map<number, MetricsSnapshot>();
  readonly #ended = new PastCounters();
  #lastId = 0;

  /**
   * Asks the other workers and waits a bounded time for their counts.
   *
   * @param asking The worker that has been asked, and its own counts.
   * @param workers How many there should be, without it.
   * @param ask Sends the others the id to respond with. Called once.
   */
  async gather(
    asking: { readonly worker: number; readonly snapshot: MetricsSnapshot },
    workers: number,
    ask: (id: number) => void,
  ): Promise<Pick<OtherMetrics, "snapshots" | "past" | "missing">> {
    this.#last.set(asking.worker, asking.snapshot);
    const id = ++this.#lastId;
    const snapshots = new Map<number, MetricsSnapshot>();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, METRICS_WAIT_MS);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#gatherings.set(id, { snapshots, wanted: workers, done });
      if (workers === 0) done();
      ask(id);
    });
    this.#gatherings.delete(id);
    const silent = [...this.#last].filter(([worker]) => worker !== asking.worker && !snapshots.has(worker));
    return {
      snapshots: [...snapshots.values()],
      past: [this.#ended.snapshot, ...silent.map(([, snapshot]) => countersOf(snapshot))],
      missing: workers - snapshots.size,
    };
  }

  /** Adds the counts of a worker. They are remembered even if they come too late. */
  answered(id: number, worker: number, snapshot: MetricsSnapshot): void {
    this.#last.set(worker, snapshot);
    const gathering = this.#gatherings.get(id);
    if (gathering === undefined) return;
    gathering.snapshots.set(worker, snapshot);
    if (gathering.snapshots.size === gathering.wanted) gathering.done();
  }

  /** A worker that ends during a gathering may be in its snapshots and must not count twice. */
  ended(worker: number): void {
    const last = this.#last.get(worker);
    if (last === undefined) return;
    this.#last.delete(worker);
    this.#ended.add(last);
    for (const { snapshots } of this.#gatherings.values()) snapshots.delete(worker);
  }
}
