import type { CheckReport } from "@kvasir/store";
import { printJson, printLine } from "../../terminal/output.js";

/** What was checked, and what was found. */
export interface CheckedPlace {
  readonly place: string;
  readonly report: CheckReport;
}

/** Prints what was found. With `json`, a line for each problem and one at the end for all places together. */
export async function printReports(places: readonly CheckedPlace[], json: boolean): Promise<void> {
  for (const { place, report } of places) {
    for (const problem of report.problems) {
      const where = places.length > 1 ? { place } : {};
      if (json) await printJson({ event: "problem", ...problem, ...where });
      else await printLine(problem.message);
    }
    if (!json) await printSummary(place, report);
  }
  if (!json) return;
  const sum = (of: (report: CheckReport) => number) =>
    places.reduce((all, { report }) => all + of(report), 0);
  await printJson({
    event: "checked",
    entries: sum(({ entries }) => entries),
    bytes: sum(({ bytes }) => bytes),
    skipped: 0,
    refused: 0,
    problems: sum(({ problemCount }) => problemCount),
    ...(places.length > 1 ? { places: places.length } : {}),
  });
}

async function printSummary(
  place: string,
  { problemCount, problems, entries, bytes }: CheckReport,
): Promise<void> {
  if (problemCount === 0) {
    return await printLine(`${place} is sound: ${entries} entries, ${bytes} bytes of values.`);
  }
  const more = problemCount - problems.length;
  if (more > 0) await printLine(`… and ${more} more.`);
  await printLine(
    `${place} is damaged, problems: ${problemCount}. Write or delete the damaged keys, or restore a backup.`,
  );
}
