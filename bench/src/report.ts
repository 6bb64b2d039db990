import type { RunRecord } from "./record.js";
import { isReached, type MissingRow, type Row, type Unit } from "./row.js";
import type { Summary } from "./summary.js";
import { type Target, targets } from "./targets.js";

/** A row as a few lines for people. */
export function renderRow(row: Row | MissingRow): string {
  if ("missing" in row) return `  ${row.what}\n    NOT MEASURED against ${row.missing}: ${row.reason}\n`;
  const lines = [
    `  ${row.what}`,
    `    ${(row.subject ?? "kvasir").padEnd(8)}${renderFigure(row.figure, row.unit)}`,
  ];
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
  if (row.load !== undefined) lines.push(`    load    ${row.load}`);
  for (const note of row.notes ?? []) lines.push(`    note    ${note}`);
  return `${lines.join("\n")}\n`;
}

/** What became of every target that was asked for, then the counts. */
export function renderTotals({ results }: RunRecord): string {
  const rows = results.flatMap((result) => result.rows);
  const wanted = Object.values(targets).filter(({ scenario }) =>
    results.some((result) => result.scenario === scenario),
  );
  const lines = wanted.map((target) => {
    const row = rows.find((candidate) => candidate.target?.name === target.name);
    return `  ${outcomeOf(row).padEnd(12)} ${target.name.padEnd(56)} ${renderMeasured(row).padStart(14)}  ${renderTarget(target, row)}`;
  });
  const missing = rows.filter((row) => "missing" in row).length;
  const brokeOff = results.filter(({ error }) => error !== undefined);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  return [
    ...lines,
    ...brokeOff.map(({ scenario, error }) => `  BROKE OFF    ${scenario}: ${error}`),
    `${rows.length} rows, ${missing} comparisons not possible here, ${brokeOff.length} scenarios broke off, in ${seconds.toFixed(0)} s`,
  ].join("\n");
}

/** Whether a row reaches its target, in a word or two. */
export function outcomeOf(row: Row | MissingRow | undefined): string {
  if (row === undefined || "missing" in row) return "not measured";
  return isReached(row) ? "reached" : "MISSED";
}

/** The figure that is held against the row's target. */
export function renderMeasured(row: Row | MissingRow | undefined): string {
  if (row === undefined || "missing" in row) return "";
  const isRatio = row.target?.of === "ratio" && row.ratio !== undefined;
  return isRatio ? ratio(row.ratio.median) : `${number(row.figure.median)} ${row.unit}`;
}

function renderVerdict(row: Row): string {
  if (row.target === undefined) return "";
  return `  target ${renderTarget(row.target, row)}: ${outcomeOf(row)}`;
}

export function renderTarget({ of, bound, value }: Target, row: Row | MissingRow | undefined): string {
  const sign = bound === "at least" ? ">=" : "<=";
  const unit = row === undefined || "missing" in row ? "" : row.unit;
  return of === "ratio" ? `${sign} ${ratio(value)}` : `${sign} ${number(value)} ${unit}`.trimEnd();
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
