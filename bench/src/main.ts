import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { ROUND_MS, ROUND_MS_FULL, ROUNDS, ROUNDS_FULL } from "./limits.js";
import { renderMachine, thisMachine } from "./machine.js";
import { renderRow } from "./report.js";
import { isReached, type MissingRow, type Row } from "./row.js";
import type { Bench, Scenario } from "./scenario.js";
import { scenarios } from "./scenarios/index.js";
import { Workspace } from "./workspace.js";

const USAGE = `npm run bench [-- [--json] [--full] [--list] [scenario …]]

  --json   one JSON document on stdout instead of text
  --full   longer rounds, and growth up to 10 million keys
  --list   the names of the scenarios

Results are also written to bench/results/latest.json.`;

const RESULTS = new URL("../results/", import.meta.url);

interface ScenarioResult {
  readonly scenario: string;
  readonly title: string;
  readonly seconds: number;
  readonly rows: readonly (Row | MissingRow)[];
  /** Why the scenario broke off. */
  readonly error?: string;
}

async function main(): Promise<void> {
  const { values: flags, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const say = (text: string) => (flags.json ? undefined : console.log(text));
  if (flags.help) return console.log(USAGE);
  if (flags.list) return console.log(scenarios.map(({ name, title }) => `${name}: ${title}`).join("\n"));

  const machine = thisMachine();
  say(`${renderMachine(machine)}\n`);
  const results: ScenarioResult[] = [];
  const shared = new Workspace();
  try {
    for (const scenario of chosen(positionals)) {
      say(`${scenario.name}: ${scenario.title}\n`);
      const onRow = (row: Row | MissingRow) => say(renderRow(row));
      const result = await runScenario(scenario, { full: flags.full, shared, onRow });
      if (result.error !== undefined) say(`  BROKE OFF: ${result.error}\n`);
      results.push(result);
    }
  } finally {
    await shared.release();
  }

  const document = { machine, full: flags.full, results };
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL("latest.json", RESULTS), `${JSON.stringify(document, null, 2)}\n`);
  if (flags.json) console.log(JSON.stringify(document));
  say(renderTotals(results));
  // A target that is missed is a finding, not a failure: machines differ. A scenario that broke off is one.
  if (results.some((result) => result.error !== undefined)) process.exitCode = 1;
}

function chosen(names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `No scenario ${unknown.join(", ")}. There are: ${scenarios.map(({ name }) => name).join(", ")}`,
    );
  }
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name));
}

async function runScenario(
  scenario: Scenario,
  { full, shared, onRow }: Pick<Bench, "full" | "shared"> & { onRow(row: Row | MissingRow): void },
): Promise<ScenarioResult> {
  const rows: (Row | MissingRow)[] = [];
  const workspace = new Workspace();
  const bench: Bench = {
    full,
    rounds: full ? ROUNDS_FULL : ROUNDS,
    roundMs: full ? ROUND_MS_FULL : ROUND_MS,
    workspace,
    shared,
    report(row) {
      rows.push(row);
      onRow(row);
    },
  };
  const startedMs = performance.now();
  const result = () => ({
    scenario: scenario.name,
    title: scenario.title,
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    rows,
  });
  try {
    await scenario.run(bench);
    return result();
  } catch (error) {
    return { ...result(), error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    await workspace.release();
  }
}

function renderTotals(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap((result) => result.rows);
  const verdicts = rows.map((row) => ("missing" in row ? undefined : isReached(row)));
  const count = (verdict: boolean) => verdicts.filter((each) => each === verdict).length;
  const missing = rows.filter((row) => "missing" in row).length;
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const brokeOff = results.filter((result) => result.error !== undefined).length;
  return (
    `${count(true)} targets reached, ${count(false)} missed, ${missing} comparisons not possible here, ` +
    `${brokeOff} scenarios broke off, in ${seconds.toFixed(0)} s`
  );
}

await main();
