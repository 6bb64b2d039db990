import { randomBytesOf } from "../../harness/random.js";

/** The writer of a value: a lane and the number of its step. They determine every byte of the value. */
export interface Author {
  readonly seed: string;
  readonly lane: number;
  readonly step: number;
}

/**
 * A value that begins with its author and its length. All further bytes follow from these, so that a torn or
 * mixed value cannot pass for a whole one.
 */
export function bytesOf({ seed, lane, step }: Author, byteLength: number): Buffer {
  const head = Buffer.from(`${lane} ${step} ${byteLength}\n`);
  if (byteLength <= head.length) return head;
  return Buffer.concat([head, randomBytesOf(`${seed} ${lane} ${step}`, byteLength - head.length)]);
}

/** @returns `null` unless the bytes are a whole value of this seed */
export function authorOf(seed: string, value: Buffer): Author | null {
  const head = /^(\d+) (\d+) (\d+)\n/.exec(value.subarray(0, 40).toString("latin1"));
  if (head === null) return null;
  const author = { seed, lane: Number(head[1]), step: Number(head[2]) };
  return bytesOf(author, Number(head[3])).equals(value) ? author : null;
}
