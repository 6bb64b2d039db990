import type { MetricsSnapshot, OtherMetrics } from "../api/metrics.js";
import { METRICS_WAIT_MS } from "./limits.js";

interface Gathering {
  readonly snapshots: MetricsSnapshot[];
  readonly wanted: number;
  readonly done: () => void;
}

/** Gathers the counts of the workers for the one that received a request for `/metrics`. */
export class MetricsRelay {
  readonly #gatherings = new Map<number, Gathering>();
  #lastId = 0;

  /**
   * Asks the workers and waits a bounded time for their counts.
   *
   * @param ask Sends the workers the id to respond with. Called once.
   */
  async gather(
    workers: number,
    ask: (id: number) => void,
  ): Promise<Pick<OtherMetrics, "snapshots" | "missing">> {
    const id = ++this.#lastId;
    const snapshots: MetricsSnapshot[] = [];
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
    return { snapshots, missing: workers - snapshots.length };
  }

  /** Adds the counts of a worker. Ignores them if they come too late. */
  answered(id: number, snapshot: MetricsSnapshot): void {
    const gathering = this.#gatherings.get(id);
    if (gathering === undefined) return;
    gathering.snapshots.push(snapshot);
    if (gathering.snapshots.length === gathering.wanted) gathering.done();
  }
}
