import { createCipheriv, createHash, randomBytes } from "node:crypto";

/** Numbers that look random and are the same for the same seed, in every process (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: string | number) {
    this.#state =
      typeof seed === "number" ? seed >>> 0 : createHash("sha256").update(seed).digest().readUInt32LE();
  }

  /** At least 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer, at least 0, below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("Nothing to pick from.");
    return item;
  }
}

/** Pseudo-random bytes that are the same for the same seed. No two pages of them are equal. */
export function randomBytesOf(seed: string, length: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  const cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}

/**
 * The seed of this run. It is printed when the run fails; set `KVASIR_FAULT_SEED` to it to reproduce the
 * failure.
 */
export function runSeed(): string {
  return process.env["KVASIR_FAULT_SEED"] ?? randomBytes(4).toString("hex");
}
