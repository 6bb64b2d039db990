import { mkdir, readFile } from "node:fs/promises";
import type { Effort } from "./effort.js";
import type { Machine } from "./machine.js";
import { replaceFile } from "./replace-file.js";
import type { MissingRow, Row } from "./row.js";
import type { Series } from "./series.js";

/** All results of a machine with one effort. */
export interface RunRecord {
  readonly machine: Machine;
  /** The day of the newest result, YYYY-MM-DD. */
  readonly date: string;
  readonly effort: Effort["name"];
  readonly results: readonly ScenarioResult[];
}

export interface ScenarioResult {
  readonly scenario: string;
  readonly title: string;
  readonly seconds: number;
  readonly rows: readonly (Row | MissingRow)[];
  /** The data of the charts. */
  readonly series: readonly Series[];
  /** Why the scenario failed. */
  readonly error?: string;
}

const RESULTS = new URL("../../results/", import.meta.url);

/** @returns `undefined` if nothing was measured under this name */
export async function readRecord(name: string): Promise<RunRecord | undefined> {
  try {
    return JSON.parse(await readFile(new URL(`${name}.json`, RESULTS), "utf8")) as RunRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export async function writeRecord(name: string, record: RunRecord): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await replaceFile(new URL(`${name}.json`, RESULTS), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Merges new results into earlier ones, in the order of `names`, so that a scenario can be measured again
 * alone. Results of another machine are dropped, because they cannot be compared with these.
 */
export function mergeRecords(
  before: RunRecord | undefined,
  now: RunRecord,
  names: readonly string[],
): RunRecord {
  const old = JSON.stringify(before?.machine) === JSON.stringify(now.machine) ? (before?.results ?? []) : [];
  const results = names.flatMap((name) => {
    const result = [...now.results, ...old].find(({ scenario }) => scenario === name);
    return result === undefined ? [] : [result];
  });
  return { ...now, results };
}
