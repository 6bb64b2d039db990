import type { Summary } from "./summary.js";
import type { Target } from "./targets.js";

export type Unit = "ops/s" | "requests/s" | "entries/s" | "ms" | "µs" | "MB" | "bytes/entry" | "requests";

/** Who the figure is compared with; with its version, since a ratio means nothing without it. */
export interface Peer {
  readonly name: string;
  readonly version: string;
}

/** A peer that this machine does not have, and why: printed like a row, never dropped in silence. */
export interface Missing {
  readonly missing: string;
  readonly reason: string;
}

/** One line of the result. */
export interface Row {
  readonly what: string;
  readonly unit: Unit;
  /** Whose figure it is. @default "kvasir" */
  readonly subject?: string;
  readonly figure: Summary;
  readonly peer?: Peer & { readonly figure: Summary };
  /** Ours over the peer's, round by round, so that a machine that slows down slows both. */
  readonly ratio?: Summary;
  readonly target?: Target;
  /** What made the load of both sides: a rate is also the generator's. */
  readonly load?: string;
  /** Whatever a reader must know to judge the figure. */
  readonly notes?: readonly string[];
}

/** A comparison that could not be made here. */
export interface MissingRow extends Missing {
  readonly what: string;
  readonly target?: Target;
}

/** Whether the row reaches its target; `undefined` when it has none. */
export function isReached(row: Row): boolean | undefined {
  if (row.target === undefined) return undefined;
  const measured = row.target.of === "ratio" ? row.ratio?.median : row.figure.median;
  if (measured === undefined) throw new TypeError(`"${row.what}" has a target for a ratio, but no peer.`);
  return row.target.bound === "at least" ? measured >= row.target.value : measured <= row.target.value;
}
