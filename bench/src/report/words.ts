import { isReached, type MissingRow, type Row } from "../core/row.js";
import type { Summary } from "../core/summary.js";
import type { Target } from "../core/targets.js";
import type { Unit } from "../core/unit.js";

/** Renders a figure for people, in the terminal and in the documentation. */
export function renderFigure({ median, least, most, rounds }: Summary, unit: Unit): string {
  // A count is exact.
  if (unit === "requests") return median === 1 ? "1 request" : `${median} ${unit}`;
  if (rounds === 1) return `${number(median)} ${unit}`;
  return `${number(median)} ${unit} (${number(least)} to ${number(most)}, ${rounds} rounds)`;
}

export function renderRatio({ median, least, most, rounds }: Summary): string {
  return rounds === 1 ? times(median) : `${times(median)} (${times(least)} to ${times(most)})`;
}

export function renderTarget({ of, bound, value, unit }: Target): string {
  const sign = bound === "at least" ? ">=" : "<=";
  return of === "ratio"
    ? `${sign} ${times(value)}`
    : `${sign} ${value.toLocaleString("en-US")} ${unit ?? ""}`;
}

/** The figure that is compared with the row's target. */
export function renderMeasured(row: Row | MissingRow | undefined): string {
  if (row === undefined || "missing" in row) return "";
  const isRatio = row.target?.of === "ratio" && row.ratio !== undefined;
  return isRatio ? times(row.ratio.median) : `${number(row.figure.median)} ${row.unit}`;
}

/** Whether a row reaches its target, in a word or two. */
export function outcomeOf(row: Row | MissingRow | undefined): string {
  if (row === undefined || "missing" in row) return "not measured";
  return isReached(row) ? "reached" : "MISSED";
}

function times(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)}x`;
}

function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(value < 10 ? 2 : 1);
}
