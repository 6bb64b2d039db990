import { createHash } from "node:crypto";

/**
 * Returns a number from 0 to below 1 that depends only on its arguments, so the order of requests does not
 * change it.
 */
export type Draw = (subject: string, atMs: number) => number;

export function seededDraw(seed: number): Draw {
  return (subject, atMs) =>
    createHash("sha256").update(`${seed}\0${atMs}\0${subject}`).digest().readUInt32BE(0) / 2 ** 32;
}
