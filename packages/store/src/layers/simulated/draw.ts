import { createHash } from "node:crypto";

/** A number from 0 to below 1 that depends on nothing but its arguments: the order of requests changes no draw. */
export type Draw = (subject: string, atMs: number) => number;

export function seededDraw(seed: number): Draw {
  return (subject, atMs) =>
    createHash("sha256").update(`${seed}\0${atMs}\0${subject}`).digest().readUInt32BE(0) / 2 ** 32;
}
