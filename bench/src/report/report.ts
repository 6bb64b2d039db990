import type { RunRecord } from "../core/record.js";
import type { MissingRow, Row } from "../core/row.js";
import { targets } from "../core/targets.js";
import { outcomeOf, renderFigure, renderMeasured, renderRatio, renderTarget } from "./words.js";

/** A row as a few lines for the terminal. */
export function renderRow(row: Row | MissingRow): string {
  if ("missing" in row) return `  ${row.what}\n    NOT MEASURED against ${row.missing}: ${row.reason}\n`;
  const { what, subject = "kvasir", unit, figure, peer, ratio, target, load, notes = [] } = row;
  const verdict = target === undefined ? "" : `target ${renderTarget(target)}: ${outcomeOf(row)}`;
  const lines = [`  ${what}`, `    ${subject.padEnd(8)} ${renderFigure(figure, unit)}`];
  if (peer !== undefined) {
    lines.push(`    peer     ${renderFigure(peer.figure, unit)}  ${peer.name} ${peer.version}`.trimEnd());
  }
  if (ratio !== undefined) lines.push(`    ratio    ${renderRatio(ratio)}  ${verdict}`.trimEnd());
  else if (target !== undefined) lines.push(`    ${verdict}`);
  if (load !== undefined) lines.push(`    load     ${load}`);
  for (const note of notes) lines.push(`    note     ${note}`);
  return `${lines.join("\n")}\n`;
}

/** The outcome of every target of the run, then the totals. */
export function renderTotals({ results }: RunRecord): string {
  const rows = results.flatMap((result) => result.rows);
  const wanted = Object.values(targets).filter(({ scenario }) =>
    results.some((result) => result.scenario === scenario),
  );
  const missing = rows.filter((row) => "missing" in row).length;
  const brokeOff = results.filter(({ error }) => error !== undefined);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  return [
    ...wanted.map((target) => {
      const row = rows.find((candidate) => candidate.target?.name === target.name);
      const measured = renderMeasured(row).padStart(18);
      return `  ${outcomeOf(row).padEnd(12)} ${target.name.padEnd(56)} ${measured}  ${renderTarget(target)}`;
    }),
    ...brokeOff.map(({ scenario, error }) => `  BROKE OFF    ${scenario}: ${error}`),
    `${rows.length} rows, ${missing} comparisons not possible here, ${brokeOff.length} scenarios broke off, in ${seconds.toFixed(0)} s`,
  ].join("\n");
}
