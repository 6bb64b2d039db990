import { randomBytes } from "node:crypto";
import { clearInterval, setInterval } from "../../store/timers.js";
import type { Catalog } from "./catalog.js";
import { TAKE_LEASE } from "./catalog-scripts.js";
import { Growth } from "./growth.js";
import type { Partition } from "./layout.js";
import { SWEEP_INTERVAL_MS, SWEEP_LEASE_MS, SWEEP_STEP_ENTRIES } from "./limits.js";
import { reclaimNamespace } from "./reclaim.js";
import { run } from "./script.js";
import type { Session } from "./session.js";
import { SWEEP } from "./upkeep-scripts.js";

/**
 * Reclaims what has expired and what is left of deleted namespaces, and says which ones have outgrown their buckets.
 * One Kvasir at a time does it for all that
 * use the store.
 */
export class Sweeper {
  readonly #session: Session;
  readonly #catalog: Catalog;
  readonly #growth: Growth;
  readonly #name = randomBytes(9).toString("base64url");
  #timer: NodeJS.Timeout | null = null;
  #isSweeping = false;

  constructor(session: Session, catalog: Catalog) {
    this.#session = session;
    this.#catalog = catalog;
    this.#growth = new Growth(session, catalog);
  }

  start(): void {
    this.#timer = setInterval(() => void this.#round(), SWEEP_INTERVAL_MS);
    this.#timer.unref();
    this.#session.stopped.addEventListener("abort", () => this.#stop(), { once: true });
  }

  /** Sweeps everything now. Returns how many entries had expired. */
  async sweep(): Promise<number> {
    const namespaces = await this.#catalog.all();
    const partitions = new Map<number, Partition>();
    for (const { buckets } of namespaces) for (const bucket of buckets) partitions.set(bucket.number, bucket);
    const counts = await Promise.all(
      Array.from(partitions.values(), (partition) => this.#sweepPartition(partition)),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #round(): Promise<void> {
    if (this.#isSweeping || this.#session.isClosed) return;
    this.#isSweeping = true;
    try {
      await this.#session.run(async () => {
        if (!(await this.#mayIt())) return;
        await this.sweep();
        for (const namespace of await this.#catalog.ended()) {
          if (this.#session.isClosed) return;
          await reclaimNamespace(this.#session, this.#catalog, namespace);
        }
        await this.#growth.checkWhenDue();
      });
    } catch {
      // The cluster is away: the next round tries again.
    } finally {
      this.#isSweeping = false;
    }
  }

  async #mayIt(): Promise<boolean> {
    const { partition, sweepLease } = this.#catalog.keys;
    const holder = await this.#session.plainRead(partition, ["GET", sweepLease]);
    if (holder !== null && String(holder) !== this.#name) return false;
    const command = run(TAKE_LEASE, [sweepLease], [this.#name, SWEEP_LEASE_MS]);
    const [taken] = await this.#session.write(partition, command);
    return taken === 1;
  }

  async #sweepPartition(partition: Partition): Promise<number> {
    const { expiry, changes, version, prefix } = partition;
    const nowMs = this.#session.nowMs();
    // A read first: most partitions have nothing to sweep most of the time.
    const due = await this.#session.plainRead(partition, ["ZCOUNT", expiry, "-inf", nowMs]);
    if (due === 0) return 0;
    let removed = 0;
    for (let step = SWEEP_STEP_ENTRIES; step === SWEEP_STEP_ENTRIES && !this.#session.isClosed; ) {
      const args = [this.#session.time, prefix, SWEEP_STEP_ENTRIES];
      const [reply] = await this.#session.write(partition, run(SWEEP, [expiry, changes, version], args));
      const [looked, swept] = reply as readonly number[];
      step = looked ?? 0;
      removed += swept ?? 0;
    }
    return removed;
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}
