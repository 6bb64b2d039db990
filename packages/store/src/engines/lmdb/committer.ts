import { KvError } from "@kvasir/client/namespace";
import { closedError } from "../../store/errors.js";
import {
  BATCH_BYTES_MAX,
  BATCH_OPERATIONS_MAX,
  QUEUE_BYTES_MAX,
  QUEUE_OPERATIONS_MAX,
  ROOM_STEP_ROWS_MAX,
  ROOM_STEP_ROWS_MIN,
} from "./limits.js";
import type { WriteTransaction } from "./write-transaction.js";

/**
 * One write. It runs inside a transaction that it shares with others. It must decide, and throw if it
 * refuses, before it changes any table, so that a refused write leaves nothing behind. A transaction that
 * could not be committed is retried, so an operation may run more than once and must keep no state.
 */
export type Operation<T> = (transaction: WriteTransaction) => T;

/**
 * Runs `work` in one transaction. Resolves when the transaction is on disk, as far as the durability setting
 * requires.
 */
export type Transact = (work: () => void) => Promise<void>;

/**
 * Inside a transaction: removes about `rows` unneeded rows, to free space on a full disk. Returns how many it
 * removed.
 */
export type MakeRoom = (transaction: WriteTransaction, rows: number) => number;

interface Waiting {
  readonly operation: Operation<unknown>;
  readonly bytes: number;
  /** How many writes of callers it carries out. */
  readonly writes: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  result: unknown;
  error: unknown;
  failed: boolean;
}

/**
 * Group commit. All writes that arrive while a transaction is in progress share the next one and its single
 * flush to disk. Only one transaction runs at a time; its flush runs on another thread.
 */
export class Committer {
  readonly #transact: Transact;
  readonly #begin: () => WriteTransaction;
  readonly #settled: () => void;
  readonly #unconfirmed: () => KvError | null;
  readonly #makeRoom: MakeRoom;
  #queue: Waiting[] = [];
  #queueBytes = 0;
  #queueWrites = 0;
  #running: Promise<void> | null = null;
  #closed = false;

  /**
   * `begin` is called inside each transaction, `settled` after it. After a commit, `unconfirmed` returns an
   * error if the writes must not be acknowledged all the same. Those writes are not retried, because they may
   * have taken effect.
   */
  constructor(options: {
    readonly transact: Transact;
    readonly begin: () => WriteTransaction;
    readonly settled: () => void;
    readonly unconfirmed: () => KvError | null;
    readonly makeRoom: MakeRoom;
  }) {
    this.#transact = options.transact;
    this.#begin = options.begin;
    this.#settled = options.settled;
    this.#unconfirmed = options.unconfirmed;
    this.#makeRoom = options.makeRoom;
  }

  /**
   * `bytes` is the memory that the operation holds until it is written, `writes` how many writes of callers it
   * carries out. If it does not fit, all of them fail.
   */
  submit<T>(operation: Operation<T>, bytes = 0, writes = 1): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#closed) throw closedError();
      if (this.#queueWrites >= QUEUE_OPERATIONS_MAX || this.#queueBytes + bytes > QUEUE_BYTES_MAX) {
        throw overloadedError();
      }
      this.#queue.push({
        operation,
        bytes,
        writes,
        resolve,
        reject,
        result: undefined,
        error: undefined,
        failed: false,
      });
      this.#queueBytes += bytes;
      this.#queueWrites += writes;
      this.#running ??= this.#run();
    }) as Promise<T>;
  }

  /** Waits for everything submitted so far. */
  async settled(): Promise<void> {
    // Operations settle in order, so waiting for a later one is enough.
    if (this.#running !== null) await this.submit(() => {}).catch(() => {});
  }

  /** Waits for everything submitted so far and refuses new operations. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      let batch: readonly Waiting[] = [];
      try {
        await this.#commit(() => {
          // Taken this late so that the batch includes what arrived while the transaction was starting.
          batch = this.#take();
          return batch;
        });
        this.#acknowledge(batch);
      } catch (error) {
        await this.#recover(batch.length > 0 ? batch : this.#take(), error);
      }
    }
    this.#running = null;
  }

  /**
   * Retries each operation alone, so that one that does not fit does not fail the others. Operations that
   * refused are retried too, because they may have refused because of a change that is now undone. On a full disk, no
   * operation is tried that holds as many bytes as one that found no room: an import would try thousands in vain, and
   * LMDB prints a message for each.
   */
  async #recover(batch: readonly Waiting[], error: unknown): Promise<void> {
    const hasRoom = isFullDisk(error) && (await this.#roomMade());
    let bytesWithoutRoom = Number.POSITIVE_INFINITY;
    for (const waiting of batch) {
      if ((batch.length === 1 && !hasRoom) || waiting.bytes >= bytesWithoutRoom) {
        waiting.reject(error);
        continue;
      }
      try {
        await this.#commit(() => [waiting]);
        this.#acknowledge([waiting]);
        bytesWithoutRoom = Number.POSITIVE_INFINITY;
      } catch (aloneError) {
        waiting.reject(aloneError);
        if (isFullDisk(aloneError)) bytesWithoutRoom = waiting.bytes;
      }
    }
  }

  /**
   * Frees space. Returns whether it removed anything, in which case a write that found no room is worth a
   * retry.
   */
  async #roomMade(): Promise<boolean> {
    let removed = 0;
    try {
      // Starts with small steps: removing rows needs a few free pages too.
      for (
        let rows = ROOM_STEP_ROWS_MIN, last = -1;
        last !== 0;
        rows = Math.min(rows * 2, ROOM_STEP_ROWS_MAX)
      ) {
        await this.#commitOne((transaction) => {
          last = this.#makeRoom(transaction, rows);
        });
        removed += last;
      }
      // LMDB reuses the pages that a transaction freed only in the transaction after the next.
      if (removed > 0) await this.#commitOne((transaction) => transaction.nextVersion());
    } catch {
      // There is no room even for this. What was removed before may be enough.
    }
    return removed > 0;
  }

  async #commitOne(operation: (transaction: WriteTransaction) => void): Promise<void> {
    try {
      await this.#transact(() => {
        const transaction = this.#begin();
        operation(transaction);
        transaction.finish();
      });
    } finally {
      this.#settled();
    }
  }

  #acknowledge(batch: readonly Waiting[]): void {
    const unconfirmed = this.#unconfirmed();
    for (const waiting of batch) {
      if (unconfirmed === null) settle(waiting);
      else waiting.reject(unconfirmed);
    }
  }

  async #commit(take: () => readonly Waiting[]): Promise<void> {
    try {
      await this.#transact(() => this.#execute(take()));
    } finally {
      this.#tellSettled();
    }
  }

  /**
   * A listener's error must not look like a failed transaction, or the transaction would be carried out
   * again.
   */
  #tellSettled(): void {
    try {
      this.#settled();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #take(): readonly Waiting[] {
    let count = 0;
    let writes = 0;
    let bytes = 0;
    for (const waiting of this.#queue) {
      const isTooMuch =
        writes + waiting.writes > BATCH_OPERATIONS_MAX || bytes + waiting.bytes > BATCH_BYTES_MAX;
      if (count > 0 && isTooMuch) break;
      count++;
      writes += waiting.writes;
      bytes += waiting.bytes;
    }
    this.#queueBytes -= bytes;
    this.#queueWrites -= writes;
    if (count < this.#queue.length) return this.#queue.splice(0, count);
    const all = this.#queue;
    this.#queue = [];
    return all;
  }

  #execute(batch: readonly Waiting[]): void {
    const transaction = this.#begin();
    for (const waiting of batch) {
      try {
        waiting.result = waiting.operation(transaction);
        waiting.failed = false;
      } catch (error) {
        // Not an operation's own error: the table failed, and the whole transaction is lost.
        if (!(error instanceof KvError || error instanceof TypeError)) throw error;
        waiting.error = error;
        waiting.failed = true;
      }
    }
    transaction.finish();
  }
}

function settle(waiting: Waiting): void {
  if (waiting.failed) waiting.reject(waiting.error);
  else waiting.resolve(waiting.result);
}

function overloadedError(): KvError {
  return new KvError("unavailable", "Too many writes are waiting for the disk.", {
    hint: "Wait for some of them to finish before sending more.",
  });
}

function isFullDisk(error: unknown): boolean {
  return error instanceof KvError && error.code === "storage_full";
}
