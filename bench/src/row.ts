import type { Summary } from "./summary.js";

export type Unit = "ops/s" | "requests/s" | "entries/s" | "ms" | "µs" | "MB";

/** What a figure, or its ratio to the peer's, is held against. */
export interface Target {
  readonly of: "ratio" | "figure";
  readonly bound: "at least" | "at most";
  readonly value: number;
}

/** Who the figure is compared with; with its version, since a ratio means nothing without it. */
export interface Peer {
  readonly name: string;
  readonly version: string;
}

/** One line of the result. */
export interface Row {
  readonly what: string;
  readonly unit: Unit;
  readonly figure: Summary;
  readonly peer?: Peer & { readonly figure: Summary };
  /** Ours over the peer's, round by round, so that a machine that slows down slows both. */
  readonly ratio?: Summary;
  readonly target?: Target;
  /** Whatever a reader must know to judge the figure. */
  readonly notes?: readonly string[];
}

/** A comparison that could not be made here, and why. Printed like a row: never dropped in silence. */
export interface MissingRow {
  readonly what: string;
  readonly missing: string;
  readonly reason: string;
}

/** Whether the row reaches its target; `undefined` when it has none. */
export function isReached(row: Row): boolean | undefined {
  if (row.target === undefined) return undefined;
  const measured = row.target.of === "ratio" ? row.ratio?.median : row.figure.median;
  if (measured === undefined) throw new TypeError(`"${row.what}" has a target for a ratio, but no peer.`);
  return row.target.bound === "at least" ? measured >= row.target.value : measured <= row.target.value;
}

export const ratioAtLeast = (value: number): Target => ({ of: "ratio", bound: "at least", value });
export const ratioAtMost = (value: number): Target => ({ of: "ratio", bound: "at most", value });
export const atLeast = (value: number): Target => ({ of: "figure", bound: "at least", value });
export const atMost = (value: number): Target => ({ of: "figure", bound: "at most", value });
