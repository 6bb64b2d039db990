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
 * A process that lets a writer write, cuts the power again and again at other places, and says what is wrong with what
 * a store finds on the disk afterwards. A process of its own, for a store that reads a damaged file may die of it.
 */
export interface SurveyInput {
  readonly writer: string;
  readonly writing: PowerCutWriterInput;
  /** For the trace and the files. */
  readonly scratch: string;
  readonly cuts: number;
}

/** A line on stdout: before each cut, what it is; after it, what is wrong. */
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
  // All that was told by then; a lane that was told nothing has at most its first step under way.
  const acknowledged = told.filter(({ from }) => from < place);
  const fate = FATES[index % FATES.length] as Fate;
  const about = { place, fate, acknowledged: acknowledged.length, pending: disk.pendingAt(place) };
  say({ ...about, broken: null });
  say({ ...about, broken: await brokenAfter(disk.fileAfter(place, fate, random), acknowledged, index) });
}

/** Where the power goes, in order: just before or after some call ends, for there is most to lose. */
function places(): number[] {
  const first = (told[0]?.from ?? 0) + 1;
  const moments = events.flatMap(({ until }) => (until >= first ? [until, until + 1] : []));
  return Array.from({ length: cuts }, () => random.pick(moments)).sort((a, b) => a - b);
}

async function brokenAfter(file: Buffer, acknowledged: readonly Acknowledgement[], index: number) {
  // No lock file: nobody had it open in this boot.
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

/** Whatever the damage was, what is written after it must not spread it. */
async function brokenAtLast(directory: string): Promise<readonly string[]> {
  const database = open(directory);
  const broken = problemsIn(database.store as LmdbStore);
  await database.close();
  return broken;
}

function say(finding: Finding): void {
  console.log(JSON.stringify(finding));
}
