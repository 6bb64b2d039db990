import { RECLAIM_AFTER_MS } from "../../store/limits.js";
import { clearInterval, monotonicMs, setInterval } from "../../store/timers.js";
import type { Committer, Operation } from "./committer.js";
import { expirationOf } from "./entry-codec.js";
import { numberKey, parseExpiryKey } from "./keys.js";
import {
  RECLAIM_SLICE_ROWS,
  SWEEP_INTERVAL_MS,
  SWEEP_REST_BUSY_MS,
  SWEEP_SLICE_BUSY_MS,
  SWEEP_SLICE_IDLE_MS,
  SWEEP_STEP_ROWS,
} from "./limits.js";
import { readMeta } from "./meta.js";
import { readU56 } from "./numbers.js";
import type { OpenedFiles } from "./opened-files.js";
import { isReclaimDue, reclaimBlobLater, reclaimSlice } from "./reclaim.js";
import { payloadOf } from "./rows.js";
import type { Snapshots } from "./snapshot.js";
import type { Tables } from "./tables.js";
import { nextTurn, rest } from "./turns.js";
import type { WriteTransaction } from "./write-transaction.js";

/** What of an environment the sweeper works on. */
export interface SweptEnvironment {
  readonly tables: Tables;
  readonly committer: Committer;
  readonly snapshots: Snapshots;
  readonly files: OpenedFiles | null;
}

/** What tells how long a slice takes, and lets others go first. */
export interface SweepPace {
  monotonicMs(): number;
  rest(ms: number): Promise<void>;
}

/**
 * Removes what has expired and reclaims what was replaced, in small transactions between which everything else
 * goes on. It follows the expiry index, so it costs what has expired and not what is stored. Processes that share
 * a directory may all sweep: each slice looks again inside its transaction.
 */
export class Sweeper {
  readonly #tables: Tables;
  readonly #committer: Committer;
  readonly #snapshots: Snapshots;
  readonly #files: OpenedFiles | null;
  readonly #nowMs: () => number;
  readonly #pace: SweepPace;
  /** Of {@link Snapshots.renewals}, at the last slice. */
  #renewalsSeen = 0;
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<number> | null = null;
  #stopped = false;

  constructor(
    { tables, committer, snapshots, files }: SweptEnvironment,
    nowMs: () => number,
    pace: SweepPace = { monotonicMs, rest },
  ) {
    this.#tables = tables;
    this.#committer = committer;
    this.#snapshots = snapshots;
    this.#files = files;
    this.#nowMs = nowMs;
    this.#pace = pace;
  }

  /** Sweeps from time to time, without keeping the process alive. */
  start(): void {
    this.#timer = setInterval(() => {
      // A failure (a full disk, say) is told to whoever writes; the next round tries again.
      this.sweep().catch(() => {});
      // Also when nobody writes.
      this.#files?.check();
    }, SWEEP_INTERVAL_MS);
    this.#timer.unref();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Removes everything that is due now; answers with how many entries had expired. */
  sweep(): Promise<number> {
    this.#sweeping ??= this.#sweepAll().finally(() => {
      this.#sweeping = null;
    });
    return this.#sweeping;
  }

  async #sweepAll(): Promise<number> {
    let expired = 0;
    while (!this.#stopped && this.#isExpiryDue()) {
      const busy = this.#isBusy();
      // A slice costs a flush, so they are long; but whoever reads waits for the end of one.
      const sliceMs = busy ? SWEEP_SLICE_BUSY_MS : SWEEP_SLICE_IDLE_MS;
      expired += await this.#slice((transaction) => this.#expireSlice(transaction, sliceMs), busy);
    }
    while (!this.#stopped && isReclaimDue(this.#tables, this.#nowMs())) {
      await this.#slice(
        ({ tables }) => reclaimSlice(tables, this.#nowMs(), RECLAIM_SLICE_ROWS),
        this.#isBusy(),
      );
    }
    return expired;
  }

  /** What has expired is invisible already, so there is no hurry while there is other work. */
  async #slice(operation: Operation<number>, busy: boolean): Promise<number> {
    const removed = await this.#committer.submit(operation);
    await (busy ? this.#pace.rest(SWEEP_REST_BUSY_MS) : nextTurn());
    return removed;
  }

  /** Whether somebody has read since the last slice. */
  #isBusy(): boolean {
    const { renewals } = this.#snapshots;
    const busy = renewals !== this.#renewalsSeen;
    this.#renewalsSeen = renewals;
    return busy;
  }

  /**
   * Inside a transaction: removes what has expired, relying on the index alone, until there is no more or the slice has
   * taken its time. A slice is measured in time because each costs one flush: as many rows as fit without keeping reads
   * waiting.
   */
  #expireSlice(transaction: WriteTransaction, sliceMs: number): number {
    const untilMs = this.#pace.monotonicMs() + sliceMs;
    for (let expired = 0; ; ) {
      const removed = expireRows(transaction, this.#nowMs(), SWEEP_STEP_ROWS);
      expired += removed;
      if (removed < SWEEP_STEP_ROWS || this.#pace.monotonicMs() >= untilMs) return expired;
    }
  }

  #isExpiryDue(): boolean {
    for (const _ of this.#tables.expiry.getKeys({ end: numberKey(this.#nowMs() + 1), limit: 1 })) return true;
    return false;
  }
}

/**
 * Inside a transaction, on a full disk: removes rows that have expired, and large values that were replaced although
 * somebody may still be reading them; not those that are being uploaded.
 */
export function makeRoom(
  transaction: WriteTransaction,
  { nowMs, rows }: { readonly nowMs: number; readonly rows: number },
): number {
  const expired = expireRows(transaction, nowMs, rows);
  return expired > 0 ? expired : reclaimSlice(transaction.tables, nowMs + RECLAIM_AFTER_MS, rows);
}

interface DueRow {
  readonly row: Buffer;
  readonly intact: boolean;
  readonly blob: number | null;
}

function expireRows(transaction: WriteTransaction, nowMs: number, limit: number): number {
  const { tables } = transaction;
  const mayBeLeftOver = readMeta(tables.meta, "damagedReplaced") > 0;
  const due: DueRow[] = [];
  for (const { key, value } of tables.expiry.getRange({
    end: numberKey(nowMs + 1),
    limit,
  })) {
    const payload = payloadOf(key, value);
    const blob = payload === null || payload.length === 0 ? null : readU56(payload, 0);
    due.push({ row: Buffer.from(key), intact: payload !== null, blob });
  }
  for (const { row, intact, blob } of due) {
    tables.expiry.removeSync(row);
    // A damaged row may name an entry that has not expired.
    if (!intact) continue;
    const { expirationMs, namespace, key } = parseExpiryKey(row);
    if (mayBeLeftOver && !expiresAt(tables, namespace, key, expirationMs)) continue;
    tables.entryKeys.namespace = namespace;
    tables.entries.removeSync(key);
    if (blob !== null) reclaimBlobLater(tables, blob, nowMs);
    transaction.recordChange("expire", namespace, key, transaction.nextVersion());
  }
  return due.length;
}

function expiresAt(tables: Tables, namespace: number, key: string, expirationMs: number): boolean {
  tables.entryKeys.namespace = namespace;
  const bytes = tables.entries.getBinaryFast(key);
  return bytes !== undefined && expirationOf(bytes) === expirationMs;
}
