import { readFile, writeFile } from "node:fs/promises";
import type { Effort } from "./effort.js";
import type { Machine } from "./machine.js";
import type { MissingRow, Row } from "./row.js";
import type { Series } from "./series.js";

/** All that a run found out, as it is written to disk. */
export interface RunRecord {
  readonly machine: Machine;
  /** The day on which it ran, YYYY-MM-DD. */
  readonly date: string;
  readonly effort: Effort["name"];
  readonly results: readonly ScenarioResult[];
}

export interface ScenarioResult {
  readonly scenario: string;
  readonly title: string;
  readonly seconds: number;
  readonly rows: readonly (Row | MissingRow)[];
  /** What the charts draw. */
  readonly series: readonly Series[];
  /** Why the scenario broke off. */
  readonly error?: string;
}

export async function readRecord(file: URL): Promise<RunRecord> {
  return JSON.parse(await readFile(file, "utf8")) as RunRecord;
}

export async function writeRecord(file: URL, record: RunRecord): Promise<void> {
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`);
}
