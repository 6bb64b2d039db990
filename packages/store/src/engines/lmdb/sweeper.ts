import type { SweepOptions } from "../../store/maintenance.js";
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

/** The parts of an environment that the sweeper uses. */
export interface SweptEnvironment {
  readonly tables: Tables;
  readonly committer: Committer;
  readonly snapshots: Snapshots;
  readonly files: OpenedFiles | null;
}

/** Measures how long a slice takes, and pauses between slices. */
export interface SweepPace {
  monotonicMs(): number;
  rest(ms: number): Promise<void>;
}

/**
 * Removes expired entries and reclaims replaced values, in small transactions that let other work run in
 * between. It follows the expiry index, so its cost depends on what has expired and not on what is stored.
 * Several processes that share a directory may sweep, because each slice looks again inside its transaction.
 */
export class Sweeper {
  readonly #tables: Tables;
  readonly #committer: Committer;
  readonly #snapshots: Snapshots;
  readonly #files: OpenedFiles | null;
  readonly #nowMs: () => number;
  readonly #pace: SweepPace;
  /** The value of {@link Snapshots.renewals} at the last slice. */
  #renewalsSeen = 0;
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<number> | null = null;
  #expiredTotal = 0;
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

  /** Sweeps periodically. The timer does not keep the process alive. */
  start(): void {
    this.#timer = setInterval(() => {
      // Writers see the failure (a full disk, say); the sweeper retries on its next round.
      this.sweep().catch(() => {});
      // Notices moved or removed files even if there are no writes.
      this.#files?.check();
    }, SWEEP_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Expired entries that it has removed so far. */
  get expiredTotal(): number {
    return this.#expiredTotal;
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Removes everything that is due now. Resolves with the number of entries that had expired. */
  sweep({ evenIfRead = false }: SweepOptions = {}): Promise<number> {
    // Runs beside a sweep in progress, because that one leaves what is not due.
    if (evenIfRead) return this.#sweepAll(this.#tables.replacedKeptMs);
    this.#sweeping ??= this.#sweepAll().finally(() => {
      this.#sweeping = null;
    });
    return this.#sweeping;
  }

  /** @param earlyMs How long before it is due a replaced value is reclaimed. */
  async #sweepAll(earlyMs = 0): Promise<number> {
    let expired = 0;
    while (!this.#stopped && this.#isExpiryDue()) {
      const busy = this.#isBusy();
      // Long slices save flushes, because each slice costs one. Short slices keep reads from waiting.
      const sliceMs = busy ? SWEEP_SLICE_BUSY_MS : SWEEP_SLICE_IDLE_MS;
      const removed = await this.#slice((transaction) => this.#expireSlice(transaction, sliceMs), busy);
      expired += removed;
      this.#expiredTotal += removed;
    }
    while (!this.#stopped && isReclaimDue(this.#tables, this.#nowMs() + earlyMs)) {
      await this.#slice(
        ({ tables }) => reclaimSlice(tables, this.#nowMs() + earlyMs, RECLAIM_SLICE_ROWS),
        this.#isBusy(),
      );
    }
    return expired;
  }

  /** Expired entries are already invisible, so other work goes first. */
  async #slice(operation: Operation<number>, busy: boolean): Promise<number> {
    const removed = await this.#committer.submit(operation);
    await (busy ? this.#pace.rest(SWEEP_REST_BUSY_MS) : nextTurn());
    return removed;
  }

  /** Whether there were reads since the last slice. */
  #isBusy(): boolean {
    const { renewals } = this.#snapshots;
    const busy = renewals !== this.#renewalsSeen;
    this.#renewalsSeen = renewals;
    return busy;
  }

  /**
   * Inside a transaction: removes expired entries, relying on the index alone, until none is left or the
   * slice has used its time. A slice is limited by time because each costs one flush: it removes as many rows
   * as it can without delaying reads.
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
 * Inside a transaction, on a full disk: removes expired rows and replaced large values, even those that a
 * reader may still be reading. It leaves values that are being uploaded.
 */
export function makeRoom(
  transaction: WriteTransaction,
  { nowMs, rows }: { readonly nowMs: number; readonly rows: number },
): number {
  const { tables } = transaction;
  const expired = expireRows(transaction, nowMs, rows);
  return expired > 0 ? expired : reclaimSlice(tables, nowMs + tables.replacedKeptMs, rows);
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
