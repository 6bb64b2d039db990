import type { Effort } from "./effort.js";
import { thisMachine } from "./machine.js";
import type { RunRecord, ScenarioResult } from "./record.js";
import type { MissingRow, Row } from "./row.js";
import type { Scenario } from "./scenario.js";
import type { Series } from "./series.js";
import { Workspace } from "./workspace.js";

export interface RunOptions {
  readonly effort: Effort;
  readonly targetsOnly: boolean;
  onScenario(scenario: Scenario): void;
  onRow(row: Row | MissingRow): void;
  /** Called after each scenario with all results so far, so that an interrupted run is not in vain. */
  onResult(record: RunRecord): Promise<void>;
}

/** Runs scenarios one after another. If one fails, its error is recorded and the next one runs. */
export function runScenarios(scenarios: readonly Scenario[], options: RunOptions): Promise<RunRecord> {
  return Workspace.use(async (shared) => {
    const results: ScenarioResult[] = [];
    const record: RunRecord = {
      machine: thisMachine(),
      date: new Date().toISOString().slice(0, 10),
      effort: options.effort.name,
      results,
    };
    for (const scenario of scenarios) {
      options.onScenario(scenario);
      results.push(await runScenario(scenario, shared, options));
      await options.onResult(record);
    }
    return record;
  });
}

async function runScenario(
  scenario: Scenario,
  shared: Workspace,
  { effort, targetsOnly, onRow }: RunOptions,
): Promise<ScenarioResult> {
  const rows: (Row | MissingRow)[] = [];
  const series: Series[] = [];
  const report = (row: Row | MissingRow) => {
    rows.push(row);
    onRow(row);
  };
  const plot = (line: Series) => void series.push(line);
  const startedMs = performance.now();
  let error: string | undefined;
  try {
    await Workspace.use((workspace) =>
      scenario.run({ effort, targetsOnly, workspace, shared, report, plot }),
    );
  } catch (thrown) {
    error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
  return {
    scenario: scenario.name,
    title: scenario.title,
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    rows,
    series,
    ...(error !== undefined && { error }),
  };
}
