import type { Effort } from "./effort.js";
import type { MissingRow, Row } from "./row.js";
import type { Series } from "./series.js";
import type { Workspace } from "./workspace.js";

/** One file of `scenarios/`: a question, and the rows that answer it. */
export interface Scenario {
  /** The name for `npm run bench -- <name>`. */
  readonly name: string;
  /** The question, as one line. */
  readonly title: string;
  run(bench: Bench): Promise<void>;
}

/** The tools of a scenario. */
export interface Bench {
  readonly effort: Effort;
  /** Whether only rows with a target are wanted. */
  readonly targetsOnly: boolean;
  /** Temporary directories and processes, which all end with the scenario. */
  readonly workspace: Workspace;
  /** The same until the end of the run, for what several scenarios use. */
  readonly shared: Workspace;
  report(row: Row | MissingRow): void;
  /** Adds a line to a chart. */
  plot(series: Series): void;
}
