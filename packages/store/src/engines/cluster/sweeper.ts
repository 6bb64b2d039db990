import { randomBytes } from "node:crypto";
import { clearInterval, setInterval } from "../../store/timers.js";
import type { Catalog } from "./catalog.js";
import { TAKE_LEASE } from "./catalog-scripts.js";
import type { Command } from "./connection.js";
import { Growth } from "./growth.js";
import { type BucketKeys, bucketIn, type Partition } from "./layout.js";
import { SWEEP_INTERVAL_MS, SWEEP_LEASE_MS, SWEEP_STEP_ENTRIES } from "./limits.js";
import { reclaimNamespace } from "./reclaim.js";
import { run } from "./script.js";
import type { Session } from "./session.js";
import { blobKey } from "./staging.js";
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
    let removed = 0;
    for (;;) {
      // A read first: most partitions have nothing to sweep most of the time.
      const args = ["-inf", this.#session.nowMs(), "LIMIT", 0, SWEEP_STEP_ENTRIES] as const;
      const command: Command = ["ZRANGEBYSCORE", partition.expiry, ...args];
      const due = (await this.#session.plainRead(partition, command)) as readonly Buffer[];
      const rows = new Map<string, Buffer[]>();
      for (const row of due) {
        const generation = row.toString("latin1", 0, row.indexOf(":"));
        const own = rows.get(generation);
        if (own === undefined) rows.set(generation, [row]);
        else own.push(row);
      }
      const counts = await Promise.all(
        Array.from(rows, ([generation, own]) => this.#sweepBucket(bucketIn(partition, generation), own)),
      );
      const count = counts.reduce((sum, each) => sum + each, 0);
      removed += count;
      // None: the nodes' clocks are behind this one.
      if (due.length < SWEEP_STEP_ENTRIES || count === 0 || this.#session.isClosed) return removed;
    }
  }

  async #sweepBucket(bucket: BucketKeys, rows: readonly Buffer[]): Promise<number> {
    const { expiry, changes, version, entries, index } = bucket;
    const keys = [expiry, changes, version, entries, index];
    const [reply] = await this.#session.write(bucket, run(SWEEP, keys, [this.#session.time, ...rows]));
    const [removed = 0, ...blobs] = reply as readonly unknown[];
    await Promise.all(
      blobs.map((blob) => this.#session.write(bucket, ["UNLINK", blobKey(bucket, String(blob))])),
    );
    return Number(removed);
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }
}
