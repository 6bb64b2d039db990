import { KEY_BYTES_MAX } from "@kvasir/client/namespace";
import { READ_BATCH_PATH } from "../src/wire/names.js";
import { READ_BATCH_KEYS_MAX, READ_BATCH_QUERY_LENGTH_MAX } from "../src/wire/read-batch-limits.js";
import { type FramedEntry, type ReadFrame, readFrames } from "../src/wire/read-frames.js";

/** A read that may go with others. */
export interface BatchedRead<T> {
  /** One that {@link isBatchable}. */
  readonly key: string;
  /** Reads the key in a request of its own. */
  alone(): T | Promise<T>;
  /** What the reader gets for the entry that a batch found; `null`: there is none. */
  found(entry: FramedEntry | null): T;
  /** Whether a batch has what `alone` has not, so that even a single read is one. @default false */
  readonly always?: boolean;
}

interface WaitingRead {
  readonly key: string;
  readonly always: boolean;
  isTurnOver: boolean;
  /** What its place in a batch's answer says. */
  settle(frame: ReadFrame): void;
}

/** Resolved: what is to follow it comes after all that the turn has still to do. */
const TURN = Promise.resolve();

/**
 * Reads of one namespace, gathered: those that start in one turn are one request. A read by itself goes its own way
 * at the end of the turn, which costs it nothing that could be measured.
 */
export class ReadBatches {
  readonly #http: Fetcher;
  readonly #base: string;
  #waiting: WaitingRead[] = [];

  constructor(http: Fetcher, base: string) {
    this.#http = http;
    this.#base = base;
  }

  read<T>({ key, alone, found, always = false }: BatchedRead<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = (frame: ReadFrame) => {
        try {
          const result = frame === undefined ? alone() : found(frame);
          // To resolve with workerd's promise costs 10 µs of CPU more than to follow it.
          if (result instanceof Promise) result.then(resolve, reject);
          else resolve(result);
        } catch (error) {
          reject(error);
        }
      };
      const read = { key, always, settle, isTurnOver: false };
      this.#waiting.push(read);
      // Not by queueMicrotask, which workerd wraps: 13 µs of CPU a read.
      void TURN.then(() => this.#endTurn(read));
    });
  }

  /** Sends what waits. Call it before a write, which must not overtake the reads that came before it. */
  send(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#sendAll(waiting);
  }

  #endTurn(read: WaitingRead): void {
    read.isTurnOver = true;
    const waiting = this.#waiting;
    if (waiting.at(-1) !== read) return;
    this.#waiting = [];
    // A turn that was cut off (process.exit() ends a request) never comes here. What it left is nobody's: answered
    // from here, its code would go on in the request that is running now.
    this.#sendAll(waiting.filter(({ isTurnOver }) => isTurnOver));
  }

  #sendAll(waiting: readonly WaitingRead[]): void {
    if (waiting.length === 0) return;
    const [first] = waiting;
    if (waiting.length === 1 && first?.always === false) first.settle(undefined);
    else for (const batch of batches(waiting)) void this.#send(batch);
  }

  async #send({ query, reads }: Batch): Promise<void> {
    let frames: readonly ReadFrame[];
    try {
      const response = await this.#http.fetch(`${this.#base}${READ_BATCH_PATH}?${query}`);
      const answer = await response.arrayBuffer();
      frames = response.ok ? readFrames(answer, reads.length) : [];
    } catch {
      // Each read by itself then says what is wrong, in the words of its own.
      frames = [];
    }
    for (const [at, { settle }] of reads.entries()) settle(frames[at]);
  }
}

interface Batch {
  query: string;
  readonly reads: WaitingRead[];
}

function batches(waiting: readonly WaitingRead[]): Batch[] {
  let batch: Batch = { query: "", reads: [] };
  const all = [batch];
  for (const read of waiting) {
    const parameter = `key=${encodeURIComponent(read.key)}`;
    const isFull =
      batch.reads.length >= READ_BATCH_KEYS_MAX ||
      batch.query.length + parameter.length >= READ_BATCH_QUERY_LENGTH_MAX;
    if (isFull) {
      batch = { query: "", reads: [] };
      all.push(batch);
    }
    batch.query += batch.query === "" ? parameter : `&${parameter}`;
    batch.reads.push(read);
  }
  return all;
}

/** Whether a key has a form in a query: the others, which the store refuses anyway, are read by themselves. */
export function isBatchable(key: unknown): key is string {
  return typeof key === "string" && key.length <= KEY_BYTES_MAX && !/\p{Surrogate}/u.test(key);
}
