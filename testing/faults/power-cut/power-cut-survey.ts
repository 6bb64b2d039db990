import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "@kvasir/store";
import type { LmdbStore } from "../../../packages/store/src/engines/lmdb/lmdb-store.js";
import { Random } from "../../harness/random.js";
import { problemsIn } from "../machinery/check.js";
import { traceFile } from "../machinery/file-trace.js";
import { judge } from "../workload/judge.js";
import type { Acknowledgement } from "../workload/lane.js";
import { Disk, FATES, type Fate } from "./disk.js";
import type { PowerCutWriterInput } from "./power-cut-writer.js";

/**
 * A process that runs a writer, cuts the power at many different places, and reports what is wrong with what
 * a store finds on the disk afterwards. It is a process of its own, because a store that reads a damaged file
 * may end its process.
 */
export interface SurveyInput {
  readonly writer: string;
  readonly writing: PowerCutWriterInput;
  /** The directory for the trace and the files. */
  readonly scratch: string;
  readonly cuts: number;
}

/** A line on stdout: before each cut, its description; after it, what is wrong. */
export interface Finding {
  readonly place: number;
  readonly fate: Fate;
  readonly acknowledged: number;
  readonly pending: number;
  readonly broken: readonly string[] | null;
}

const TRACE_MS_MAX = 60_000;

const { writer, writing, scratch, cuts } = JSON.parse(process.argv[2] ?? "") as SurveyInput;
const events = traceFile([process.execPath, writer, JSON.stringify(writing)], {
  directory: writing.directory,
  file: "data.mdb",
  descriptor: 1,
  log: join(scratch, "trace"),
  timeoutMs: TRACE_MS_MAX,
});
const told = events.flatMap((event) =>
  event.type === "told" ? [{ from: event.from, ...(JSON.parse(event.text) as Acknowledgement) }] : [],
);
const disk = new Disk(events);
const random = new Random(`${writing.seed} cuts`);
for (const [index, place] of places().entries()) {
  // Everything reported by then. A lane without a report has at most its first step in flight.
  const acknowledged = told.filter(({ from }) => from < place);
  const fate = FATES[index % FATES.length] as Fate;
  const about = { place, fate, acknowledged: acknowledged.length, pending: disk.pendingAt(place) };
  say({ ...about, broken: null });
  say({ ...about, broken: await brokenAfter(disk.fileAfter(place, fate, random), acknowledged, index) });
}

/** The places of the cuts, in order: just before or after the end of a call, where there is most to lose. */
function places(): number[] {
  const first = (told[0]?.from ?? 0) + 1;
  const moments = events.flatMap(({ until }) => (until >= first ? [until, until + 1] : []));
  return Array.from({ length: cuts }, () => random.pick(moments)).sort((a, b) => a - b);
}

async function brokenAfter(file: Buffer, acknowledged: readonly Acknowledgement[], index: number) {
  // No lock file, because no process has had the data open since the boot.
  const directory = join(scratch, `cut-${index}`);
  mkdirSync(directory);
  writeFileSync(join(directory, "data.mdb"), file);
  try {
    const database = open(directory);
    const kv = database.namespace(writing.namespace);
    const broken = [
      ...problemsIn(database.store as LmdbStore),
      ...(await judge(kv, { ...writing, acknowledged })),
    ];
    await kv.put("afterwards", "the store goes on");
    if ((await kv.get("afterwards")) !== "the store goes on") broken.push("The store does not go on.");
    await database.close();
    broken.push(...(await brokenAtLast(directory)));
    return broken;
  } catch (error) {
    return [`The store fails: ${(error as Error).message}`];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Writes made after a damage must not spread it. */
async function brokenAtLast(directory: string): Promise<readonly string[]> {
  const database = open(directory);
  const broken = problemsIn(database.store as LmdbStore);
  await database.close();
  return broken;
}

function say(finding: Finding): void {
  console.log(JSON.stringify(finding));
}
