import { mkdir, readFile } from "node:fs/promises";
import type { RunRecord } from "../../core/record.js";
import { replaceFile } from "../../core/replace-file.js";
import { charts } from "../charts/charts.js";
import { draw } from "../charts/draw.js";
import { renderResultTables, renderTargetTable } from "./tables.js";

const PAGE = new URL("../../../../docs/performance.md", import.meta.url);
const CHARTS = new URL("../../../../docs/charts/", import.meta.url);

/** Writes the results of a run into docs/performance.md, between its markers, and draws its charts. */
export async function writeDocs(record: RunRecord): Promise<void> {
  const page = await readFile(PAGE, "utf8");
  const withTargets = replaceBetween(page, "targets", renderTargetTable(record));
  await replaceFile(PAGE, replaceBetween(withTargets, "results", renderResultTables(record)));

  await mkdir(CHARTS, { recursive: true });
  const series = record.results.flatMap((result) => result.series);
  for (const chart of charts) {
    const lines = series.filter((line) => line.chart === chart.name);
    if (lines.length > 0) await replaceFile(new URL(`${chart.name}.svg`, CHARTS), draw(chart, lines));
  }
}

function replaceBetween(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- bench: ${name} -->`, `<!-- bench: end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no ${begin} … ${end}.`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
