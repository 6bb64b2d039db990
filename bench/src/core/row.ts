import type { Summary } from "./summary.js";
import type { Target } from "./targets.js";
import type { Unit } from "./unit.js";

/**
 * The contestant that the figure is compared with. It includes a version, because a ratio means nothing
 * without it.
 */
export interface Peer {
  readonly name: string;
  readonly version: string;
}

/**
 * A peer that this machine does not have, and the reason. It is printed like a row and never omitted
 * silently.
 */
export interface Missing {
  readonly missing: string;
  readonly reason: string;
}

/** One line of the result. */
export interface Row {
  readonly what: string;
  readonly unit: Unit;
  /** The contestant that the figure belongs to. @default "kvasir" */
  readonly subject?: string;
  readonly figure: Summary;
  readonly peer?: Peer & { readonly figure: Summary };
  /** Our figure divided by the peer's, round by round, so that a slow machine affects both. */
  readonly ratio?: Summary;
  readonly target?: Target;
  /** The load generator for both sides, because a rate depends on it too. */
  readonly load?: string;
  /** What a reader must know to judge the figure. */
  readonly notes?: readonly string[];
}

/** A comparison that was not possible here. */
export interface MissingRow extends Missing {
  readonly what: string;
  readonly target?: Target;
}

/** Whether the row reaches its target. `undefined` if it has none. */
export function isReached(row: Row): boolean | undefined {
  if (row.target === undefined) return undefined;
  const measured = row.target.of === "ratio" ? row.ratio?.median : row.figure.median;
  if (measured === undefined) throw new TypeError(`"${row.what}" has a target for a ratio, but no peer.`);
  return row.target.bound === "at least" ? measured >= row.target.value : measured <= row.target.value;
}
