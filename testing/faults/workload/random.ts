import { createCipheriv, createHash, randomBytes } from "node:crypto";

/** Pseudo-random numbers that are the same for the same seed, in every process. */
export class Random {
  #state: number;

  constructor(seed: string) {
    this.#state = createHash("sha256").update(seed).digest().readUInt32LE();
  }

  /** An integer from `least` to `most`, both included (mulberry32). */
  between(least: number, most: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const unit = ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    return least + Math.floor(unit * (most - least + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)] as T;
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
