import { KEY_BYTES_MAX } from "@kvasir/client/namespace";
import { READ_BATCH_PATH } from "../src/wire/names.js";
import { READ_BATCH_KEYS_MAX, READ_BATCH_QUERY_LENGTH_MAX } from "../src/wire/read-batch-limits.js";
import { type FramedEntry, type ReadFrame, readFrames } from "../src/wire/read-frames.js";

/** A read that can be combined with others. */
export interface BatchedRead<T> {
  /** Must satisfy {@link isBatchable}. */
  readonly key: string;
  /** Reads the key in a separate request. */
  alone(): T | Promise<T>;
  /** Converts the entry from a batch to the reader's result. `null` means that there is no entry. */
  found(entry: FramedEntry | null): T;
  /** Sends even a single read as a batch, because a batch returns more than `alone` does. @default false */
  readonly always?: boolean;
}

interface WaitingRead {
  readonly key: string;
  readonly always: boolean;
  isTurnOver: boolean;
  /** Receives its frame of the batch response. */
  settle(frame: ReadFrame): void;
}

/** A resolved promise. Its callbacks run after the remaining work of the turn. */
const TURN = Promise.resolve();

/**
 * Collects the reads of one namespace: all reads that start in one turn become one request. A single read is
 * sent on its own at the end of the turn, at no measurable cost.
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
          // Resolving with workerd's promise would cost 10 µs more CPU than following it.
          if (result instanceof Promise) result.then(resolve, reject);
          else resolve(result);
        } catch (error) {
          reject(error);
        }
      };
      const read = { key, always, settle, isTurnOver: false };
      this.#waiting.push(read);
      // workerd wraps queueMicrotask, which would cost 13 µs of CPU for each read.
      void TURN.then(() => this.#endTurn(read));
    });
  }

  /** Sends all waiting reads. Call it before a write, which must not overtake earlier reads. */
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
    // If a turn was cut off (process.exit() ends a request), its reads never get here. They are dropped:
    // settled here, their code would continue in the request that is running now.
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
      // Each read is then sent on its own and gets its own error.
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

/**
 * Whether a key can be part of a query. Other keys, which the store rejects anyway, are read on their own.
 */
export function isBatchable(key: unknown): key is string {
  return typeof key === "string" && key.length <= KEY_BYTES_MAX && !/\p{Surrogate}/u.test(key);
}
