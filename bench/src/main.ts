import { parseArgs } from "node:util";
import { full, normal, quick } from "./core/effort.js";
import { renderMachine, thisMachine } from "./core/machine.js";
import { mergeRecords, readRecord, writeRecord } from "./core/record.js";
import { runScenarios } from "./core/run.js";
import type { Scenario } from "./core/scenario.js";
import { targets } from "./core/targets.js";
import { Workspace } from "./core/workspace.js";
import { writeDocs } from "./report/docs/write-docs.js";
import { renderRow, renderTotals } from "./report/report.js";
import { scenarios } from "./scenarios/index.js";

const USAGE = `npm run bench [-- [--quick | --full] [--write] [--json] [--list] [name …]]

  npm run bench                       every scenario
  npm run bench -- http-get growth    some of them
  npm run bench -- targets            only the rows that a target is held against
  npm run bench -- --full --write     what docs/performance.md shows
  npm run bench -- --full charts      docs/performance.md and its charts again, from the last results

  --quick  one short round each: whether it works, not how fast
  --full   more rounds, and growth up to 10 million keys
  --write  tables and charts of docs/performance.md
  --json   one JSON document on stdout instead of text
  --list   the names of the scenarios

Results are kept in bench/results/, a file for each effort.`;

const TARGETS = "targets";
const CHARTS = "charts";

let interrupted = false;

async function main(): Promise<void> {
  const { values: flags, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const say = (text: string) => (flags.json ? undefined : console.log(text));
  if (flags.help) return console.log(USAGE);
  if (flags.list) return console.log(scenarios.map(({ name, title }) => `${name}: ${title}`).join("\n"));

  const effort = flags.full ? full : flags.quick ? quick : normal;
  if (positionals.includes(CHARTS)) return drawAgain(effort.name);

  releaseWhenInterrupted();
  say(`${renderMachine(thisMachine())}\n`);
  const targetsOnly = positionals.includes(TARGETS);
  const file = targetsOnly ? `${TARGETS}-${effort.name}` : effort.name;
  const before = await readRecord(file);
  const record = await runScenarios(chosen(positionals), {
    effort,
    targetsOnly,
    onScenario: ({ name, title }) => say(`${name}: ${title}\n`),
    onRow: (row) => say(renderRow(row)),
    async onResult(soFar) {
      // The scenario failed because its servers were ended. The process ends as soon as all of them have
      // ended.
      if (interrupted) return new Promise<never>(() => {});
      const merged = mergeRecords(
        before,
        soFar,
        scenarios.map(({ name }) => name),
      );
      await writeRecord(file, merged);
      if (flags.write) await writeDocs(merged);
    },
  });
  if (flags.json) console.log(JSON.stringify(record));
  say(renderTotals(record));
  // A missed target is a finding and not a failure, because machines differ. A failed scenario is a failure.
  if (record.results.some((result) => result.error !== undefined)) process.exitCode = 1;
}

async function drawAgain(name: string): Promise<void> {
  const record = await readRecord(name);
  if (record === undefined) throw new Error(`There are no results of a run with the effort "${name}" yet.`);
  await writeDocs(record);
}

function chosen(names: readonly string[]): readonly Scenario[] {
  const ofTargets = new Set<string>(Object.values(targets).map(({ scenario }) => scenario));
  const wanted = names.filter((name) => name !== TARGETS);
  const unknown = wanted.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    const known = [TARGETS, CHARTS, ...scenarios.map(({ name }) => name)];
    throw new Error(`No scenario ${unknown.join(", ")}. There are: ${known.join(", ")}`);
  }
  return scenarios.filter(
    ({ name }) =>
      (wanted.length === 0 || wanted.includes(name)) && (!names.includes(TARGETS) || ofTargets.has(name)),
  );
}

/** An interrupted run leaves no server, process or directory behind. */
function releaseWhenInterrupted(): void {
  const release = () => {
    interrupted = true;
    void Workspace.releaseAll().finally(() => process.exit(130));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, release);
  // The reader of the output has ended, for example `head`.
  process.stdout.once("error", release);
}

await main();
