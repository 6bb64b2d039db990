import { EventEmitter } from "node:events";
import type { RootDatabase } from "lmdb";
import * as lmdb from "lmdb";
import { areTimersReplaced, nextTick, withSystemTimers } from "../../store/timers.js";
import type { Tables } from "./tables.js";

/** The parts of the binding's read transaction that this file uses. Its types leave them out. */
interface ReadTransaction {
  readonly address: number;
  /** The number of iterations and the like that hold the transaction. */
  readonly refCount?: number;
  readonly isDone?: boolean;
  done(): void;
}

/**
 * Releases the snapshot of a read transaction, so that its next read takes a new one. Missing in the
 * binding's types.
 */
const { nativeAddon } = lmdb as unknown as {
  readonly nativeAddon?: { resetTxn?(address: number): void };
};

/**
 * The snapshots that reads use: one for all reads in one callback of the event loop, and a new one for the
 * next. A request that arrives after another process's write was acknowledged must see that write. The
 * binding by itself reads from one snapshot for a millisecond or more.
 */
export class Snapshots {
  readonly #root: RootDatabase;
  #transaction: ReadTransaction | null = null;
  #number = 0;
  #renewals = 0;
  #current = false;
  // A single function for all ticks, because every request runs this.
  readonly #age = () => {
    this.#current = false;
  };

  constructor(root: RootDatabase, tables: Tables) {
    this.#root = root;
    const { entryKeys: _keys, replacedKeptMs: _kept, ...all } = tables;
    for (const table of Object.values(all)) {
      // The binding emits this event, but its own `on` is broken for events it does not know (3.5.6). Call
      // the emitter's.
      EventEmitter.prototype.on.call(table as never, "begin-transaction", () => this.#begun());
    }
  }

  /**
   * Call it before a read that must see everything committed before the current callback began. Returns the
   * number of the snapshot, which only grows.
   */
  renew(): number {
    if (this.#current) return this.#number;
    this.#current = true;
    // Runs when no promise callbacks are left, so that successive reads share a snapshot.
    nextTick(this.#age);
    this.#number++;
    this.#renewals++;
    this.#letGo();
    if (areTimersReplaced()) this.#beginWithSystemTimers();
    return this.#number;
  }

  /** The number of callbacks in which there were reads. */
  get renewals(): number {
    return this.#renewals;
  }

  /**
   * `resetReadTxn` would make the next read set a timer and emit an event. Resetting only the underlying
   * transaction saves 1.5 of the 21 µs of a GET. An iteration keeps its snapshot, and the binding handles
   * that case itself.
   */
  #letGo(): void {
    const transaction = this.#transaction;
    if (transaction === null || transaction.isDone || transaction.refCount || !nativeAddon?.resetTxn) {
      this.#root.resetReadTxn();
    } else {
      nativeAddon.resetTxn(transaction.address);
    }
  }

  /**
   * Otherwise the next read would set one of a test's fake timers, which fires at the wrong time and is
   * counted.
   */
  #beginWithSystemTimers(): void {
    withSystemTimers(() => this.#root.useReadTransaction().done());
  }

  /** The binding has begun a transaction by itself: the first one, or one after a commit or a pause. */
  #begun(): void {
    this.#number++;
    const transaction = this.#root.useReadTransaction() as unknown as ReadTransaction;
    transaction.done();
    this.#transaction = transaction;
  }
}
