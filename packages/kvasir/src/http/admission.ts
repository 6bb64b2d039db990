import { KvError } from "@kvasir/client";
import { BUFFER_WAITERS_MAX } from "./limits.js";

interface Waiter {
  readonly bytes: number;
  admit(): void;
}

/**
 * The memory that request bodies and gathered answers share. A request asks once, for all that it will hold, so
 * that two requests can never wait for each other; while it waits, its body stays in the client's socket.
 */
export class Admission {
  readonly #bytesMax: number;
  readonly #waitMs: number;
  readonly #waiters: Waiter[] = [];
  #bytesHeld = 0;

  constructor({ bytesMax, waitMs }: { readonly bytesMax: number; readonly waitMs: number }) {
    this.#bytesMax = bytesMax;
    this.#waitMs = waitMs;
  }

  /** Bytes promised to requests under way. */
  get bytesHeld(): number {
    return this.#bytesHeld;
  }

  /**
   * Runs `work` once `bytes` are free, first come, first served.
   *
   * @throws KvError `unavailable` when too many wait already, or the wait is too long
   */
  async hold<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const held = Math.min(bytes, this.#bytesMax);
    if (this.#waiters.length > 0 || this.#bytesHeld + held > this.#bytesMax) await this.#wait(held);
    else this.#bytesHeld += held;
    try {
      return await work();
    } finally {
      this.#bytesHeld -= held;
      this.#admitNext();
    }
  }

  #wait(bytes: number): Promise<void> {
    if (this.#waiters.length >= BUFFER_WAITERS_MAX) throw busy();
    return new Promise((resolve, reject) => {
      const waiter = {
        bytes,
        admit: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(busy());
        // The next one may be small enough for what is free.
        this.#admitNext();
      }, this.#waitMs);
      this.#waiters.push(waiter);
    });
  }

  #admitNext(): void {
    for (let next = this.#waiters[0]; next !== undefined; next = this.#waiters[0]) {
      if (this.#bytesHeld + next.bytes > this.#bytesMax) return;
      this.#waiters.shift();
      this.#bytesHeld += next.bytes;
      next.admit();
    }
  }
}

function busy(): KvError {
  return new KvError("unavailable", "Too many large requests are under way", {
    hint: "Try again in a second, or send fewer large requests at a time.",
  });
}
