import type { Effort } from "./effort.js";
import type { MissingRow, Row } from "./row.js";
import type { Series } from "./series.js";
import type { Workspace } from "./workspace.js";

/** One file of `scenarios/`: a question, and the rows that answer it. */
export interface Scenario {
  /** What `npm run bench -- <name>` takes. */
  readonly name: string;
  /** The question, as one line. */
  readonly title: string;
  run(bench: Bench): Promise<void>;
}

/** What a scenario works with. */
export interface Bench {
  readonly effort: Effort;
  /** Only the rows that a target is held against are wanted. */
  readonly targetsOnly: boolean;
  /** Temporary directories and processes, all gone after the scenario. */
  readonly workspace: Workspace;
  /** The same until the end of the run: for what several scenarios use. */
  readonly shared: Workspace;
  report(row: Row | MissingRow): void;
  /** A line of a chart. */
  plot(series: Series): void;
}
