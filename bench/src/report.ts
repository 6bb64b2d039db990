import { isReached, type MissingRow, type Row, type Target, type Unit } from "./row.js";
import type { Summary } from "./summary.js";

/** A row as a few lines for people. */
export function renderRow(row: Row | MissingRow): string {
  if ("missing" in row) return `  ${row.what}\n    NOT MEASURED against ${row.missing}: ${row.reason}\n`;
  const lines = [`  ${row.what}`, `    kvasir  ${renderFigure(row.figure, row.unit)}`];
  if (row.peer !== undefined) {
    lines.push(
      `    peer    ${renderFigure(row.peer.figure, row.unit)}  ${row.peer.name} ${row.peer.version}`.trimEnd(),
    );
  }
  if (row.ratio !== undefined) {
    const { median, least, most } = row.ratio;
    lines.push(`    ratio   ${ratio(median)}  (${ratio(least)} to ${ratio(most)})${renderVerdict(row)}`);
  } else if (row.target !== undefined) {
    lines.push(`   ${renderVerdict(row)}`);
  }
  for (const note of row.notes ?? []) lines.push(`    note    ${note}`);
  return `${lines.join("\n")}\n`;
}

function renderVerdict(row: Row): string {
  if (row.target === undefined) return "";
  return `  target ${renderTarget(row.target, row.unit)}: ${isReached(row) ? "reached" : "MISSED"}`;
}

function renderTarget({ of, bound, value }: Target, unit: Unit): string {
  const sign = bound === "at least" ? ">=" : "<=";
  return of === "ratio" ? `${sign} ${ratio(value)}` : `${sign} ${number(value)} ${unit}`;
}

function renderFigure({ median, least, most, rounds }: Summary, unit: Unit): string {
  if (rounds === 1) return `${number(median)} ${unit}`;
  return `${number(median)} ${unit}  (${number(least)} to ${number(most)}, ${rounds} rounds)`;
}

function ratio(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)}x`;
}

function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(value < 10 ? 2 : 1);
}
