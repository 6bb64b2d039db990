import { EventEmitter } from "node:events";
import type { RootDatabase } from "lmdb";
import * as lmdb from "lmdb";
import { areTimersReplaced, nextTick, withSystemTimers } from "../../store/timers.js";
import type { Tables } from "./tables.js";

/** The binding's read transaction, as far as it is used here; its types leave this out. */
interface ReadTransaction {
  readonly address: number;
  /** How many iterations and the like hold on to it. */
  readonly refCount?: number;
  readonly isDone?: boolean;
  done(): void;
}

/** Lets go of a read transaction's snapshot: its next read takes a new one. Missing in the binding's types. */
const { nativeAddon } = lmdb as unknown as {
  readonly nativeAddon?: { resetTxn?(address: number): void };
};

/**
 * What reads read from: one snapshot for all of them in one callback of the event loop, and a new one for the next. A
 * request that comes after another process's write was acknowledged must see that write; left to itself the binding
 * reads from one snapshot for a millisecond and more.
 */
export class Snapshots {
  readonly #root: RootDatabase;
  #transaction: ReadTransaction | null = null;
  #number = 0;
  #renewals = 0;
  #current = false;
  // One function for all of them: this is on the way of every request.
  readonly #age = () => {
    this.#current = false;
  };

  constructor(root: RootDatabase, tables: Tables) {
    this.#root = root;
    const { entryKeys: _, ...all } = tables;
    for (const table of Object.values(all)) {
      // The binding emits this but its own `on` is broken for all but its own events (3.5.6): call the emitter's.
      EventEmitter.prototype.on.call(table as never, "begin-transaction", () => this.#begun());
    }
  }

  /**
   * Called before a read that has to know all that was committed before the work at hand began. Answers with the
   * number of the snapshot, which grows.
   */
  renew(): number {
    if (this.#current) return this.#number;
    this.#current = true;
    // Runs once no promise callback is left, so that reads in a row share a snapshot.
    nextTick(this.#age);
    this.#number++;
    this.#renewals++;
    this.#letGo();
    if (areTimersReplaced()) this.#beginWithSystemTimers();
    return this.#number;
  }

  /** In how many callbacks somebody has read. */
  get renewals(): number {
    return this.#renewals;
  }

  /**
   * `resetReadTxn` makes the next read set a timer and emit an event; resetting only what lies beneath takes 1.5 of
   * the 21 µs that a GET took. Who iterates keeps its snapshot, and the binding knows how.
   */
  #letGo(): void {
    const transaction = this.#transaction;
    if (transaction === null || transaction.isDone || transaction.refCount || !nativeAddon?.resetTxn) {
      this.#root.resetReadTxn();
    } else {
      nativeAddon.resetTxn(transaction.address);
    }
  }

  /** Left to itself, the next read would set one of a test's timers: to fire at the wrong time, and to be counted. */
  #beginWithSystemTimers(): void {
    withSystemTimers(() => this.#root.useReadTransaction().done());
  }

  /** The binding has begun a transaction of its own accord: the first one, or after a commit or a pause. */
  #begun(): void {
    this.#number++;
    const transaction = this.#root.useReadTransaction() as unknown as ReadTransaction;
    transaction.done();
    this.#transaction = transaction;
  }
}
