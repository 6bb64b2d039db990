import { KvError } from "../../namespace/errors.js";
import { BATCH_WAITERS_MAX } from "./limits.js";

/**
 * Whether one request may wait for work that another request has started. In Workers it must not: that work
 * ends together with the request that started it, and the waiting request would hang.
 */
export const requestsMayShare = !("WebSocketPair" in globalThis);

export interface BatchesOptions<Item> {
  /** Most total weight of the items of one batch. An item that weighs more is a batch of its own. */
  readonly weightMax: number;
  /** @default 1 for each item */
  readonly weigh?: ((item: Item) => number) | undefined;
  /** Whether concurrent items are combined in a batch. @default requestsMayShare */
  readonly share?: boolean | undefined;
  /** Called when nothing is in flight and nothing waits. Without sharing it is called after each item. */
  readonly onIdle?: (() => void) | undefined;
}

/**
 * Collects the items that arrive while a batch is in flight, and then processes all of them as the next
 * batch. So a process with many callers causes no more contention with other processes than one with a single
 * caller. Items keep their order. In Workers each item is a batch of its own.
 */
export class Batches<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #options: BatchesOptions<Item>;
  #waiting: Waiter<Item, Result>[] = [];
  #running = false;

  /**
   * @param run processes a batch and returns one result for each item, in their order;
   *   a rejection rejects all items
   */
  constructor(run: (items: readonly Item[]) => Promise<readonly Result[]>, options: BatchesOptions<Item>) {
    this.#run = run;
    this.#options = options;
  }

  /** @throws KvError `contended` if too many items are waiting */
  async add(item: Item): Promise<Result> {
    if (!(this.#options.share ?? requestsMayShare)) return this.#alone(item);
    if (this.#waiting.length >= BATCH_WAITERS_MAX) {
      throw new KvError("contended", `${BATCH_WAITERS_MAX} calls wait for the same entry already.`, {
        hint: "Try again later: the store does not keep up.",
      });
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#running) void this.#drain();
    });
  }

  async #alone(item: Item): Promise<Result> {
    try {
      return (await this.#run([item]))[0] as Result;
    } finally {
      this.#options.onIdle?.();
    }
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#batchLength());
      try {
        const results = await this.#run(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, at) => {
          resolve(results[at] as Result);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
    this.#options.onIdle?.();
  }

  #batchLength(): number {
    const { weightMax, weigh = () => 1 } = this.#options;
    let weight = 0;
    const over = this.#waiting.findIndex(({ item }) => {
      weight += weigh(item);
      return weight > weightMax;
    });
    return over === -1 ? this.#waiting.length : Math.max(1, over);
  }
}

interface Waiter<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}
