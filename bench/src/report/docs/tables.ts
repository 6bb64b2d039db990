import { renderMachine } from "../../core/machine.js";
import type { RunRecord, ScenarioResult } from "../../core/record.js";
import type { MissingRow, Row } from "../../core/row.js";
import { targets } from "../../core/targets.js";
import { outcomeOf, renderFigure, renderMeasured, renderRatio, renderTarget } from "../words.js";

/** All targets, measured or not. */
export function renderTargetTable(record: RunRecord): string {
  const rows = record.results.flatMap((result) => result.rows);
  const lines = Object.values(targets).map((target) => {
    const row = rows.find((candidate) => candidate.target?.name === target.name);
    return tableLine([
      target.name,
      renderTarget(target),
      renderMeasured(row),
      outcomeOf(row),
      `\`npm run bench -- ${flagOf(record)}${target.scenario}\``,
    ]);
  });
  return [
    renderOrigin(record),
    "",
    tableLine(["what", "target", "measured", "", "reproduce with"]),
    "| --- | ---: | ---: | --- | --- |",
    ...lines,
  ].join("\n");
}

/** One table per scenario. */
export function renderResultTables(record: RunRecord): string {
  return record.results.map((result) => renderScenario(record, result)).join("\n\n");
}

function renderScenario(record: RunRecord, { scenario, title, rows, error }: ScenarioResult): string {
  const measured = rows.filter((row): row is Row => !("missing" in row));
  const missing = rows.filter((row): row is MissingRow => "missing" in row);
  return [
    `### ${scenario}`,
    "",
    `${title} \`npm run bench -- ${flagOf(record)}${scenario}\``,
    "",
    tableLine(["what", "figure", "peer", "ratio", "load and notes"]),
    "| --- | ---: | --- | ---: | --- |",
    ...measured.map(renderResult),
    ...(missing.length > 0 ? ["", ...missing.map(renderMissing)] : []),
    ...(error === undefined ? [] : ["", `It broke off: ${error.split("\n")[0]}`]),
  ].join("\n");
}

function renderResult(row: Row): string {
  const { what, subject, unit, figure, peer, ratio, load, notes = [] } = row;
  const remarks = [load, ...notes].filter((remark) => remark !== undefined);
  return tableLine([
    subject === undefined ? what : `${subject}: ${what}`,
    renderFigure(figure, unit),
    peer === undefined ? "" : `${renderFigure(peer.figure, unit)} ${peer.name} ${peer.version}`.trim(),
    ratio === undefined ? "" : renderRatio(ratio),
    remarks.join("; "),
  ]);
}

function renderMissing({ what, missing, reason }: MissingRow): string {
  return `- Not measured: ${what} against ${missing}: ${reason}.`;
}

function renderOrigin({ machine, date, effort }: RunRecord): string {
  return `${renderMachine(machine)} · ${date} · effort \`${effort}\``;
}

function flagOf({ effort }: RunRecord): string {
  return effort === "normal" ? "" : `--${effort} `;
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
