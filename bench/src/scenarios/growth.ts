import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { HOT_KEYS, LIST_KEYS, TARGET_KEYS } from "../core/limits.js";
import { packagePeer } from "../core/peer.js";
import { Program } from "../core/program.js";
import { type Comparison, compare, inTurns } from "../core/rounds.js";
import type { Peer } from "../core/row.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { summarize } from "../core/summary.js";
import { type Target, targets } from "../core/targets.js";
import { anonymousBytes, canMeasureUsage } from "../core/usage.js";
import { startEngine } from "../fixtures/engines.js";
import { filledDirectory, tooManyForThis } from "../fixtures/filled-directory.js";
import type { EngineName } from "../peers/engines/engine.js";
import type { EmbeddedOperation, EmbeddedQuestion } from "../peers/programs/embedded.js";

/** One engine with one number of keys, in a process of its own. */
interface Grown {
  readonly engine: EngineName;
  readonly count: number;
  readonly directory: string;
  readonly program: Program;
}

interface Operation {
  readonly name: EmbeddedOperation;
  readonly what: string;
  readonly callers: number;
  readonly target?: Target;
}

const OPERATIONS: readonly Operation[] = [
  { name: "get", what: "get of a random key", callers: 1, target: targets.getGrowth },
  { name: "getHot", what: `get of one of ${HOT_KEYS} keys asked for again and again`, callers: 1 },
  { name: "list", what: `list page of ${LIST_KEYS} names`, callers: 1, target: targets.listGrowth },
  { name: "put", what: "durable put of a random key, 32 callers", callers: 32 },
];

export const growth: Scenario = {
  name: "growth",
  title: "What does it cost when there is more data, here and in raw LMDB?",
  async run(bench) {
    const all: Grown[] = [];
    for (const count of bench.effort.growth) {
      for (const engine of ["kvasir", "lmdb"] as const) {
        const directory = await filledDirectory(bench, engine, count);
        const program = await startEngine(bench.workspace, engine, { directory, count, isEmpty: false });
        all.push({ engine, count, directory, program });
      }
    }
    // The size on disk is measured before the puts, because they leave free pages behind.
    const sizes = await Promise.all(all.map(sizeOf));
    if (!bench.targetsOnly) for (const [at, grown] of all.entries()) reportSize(bench, grown, sizes[at] ?? 0);
    for (const operation of OPERATIONS) {
      if (!bench.targetsOnly || operation.target !== undefined) await compareSizes(bench, operation, all);
    }
    if (canMeasureUsage && !bench.targetsOnly) reportMemory(bench, all);
    for (const { program } of all) await program.stop();
    const ours = sizes.filter((_, at) => all[at]?.engine === "kvasir");
    if (!bench.targetsOnly) await compareLoads(bench, { least: ours[0] ?? 0, most: ours.at(-1) ?? 0 });
  },
};

/** The machine's share of the cost: one load from the same amount of memory. A get makes several. */
async function compareLoads(
  bench: Bench,
  { least, most }: { readonly least: number; readonly most: number },
): Promise<void> {
  const start = (bytes: number) =>
    Program.start<number>(bench.workspace, "fixtures/programs/memory-loads", { args: [String(bytes)] });
  const [small, large] = [await start(least), await start(most)];
  const contestants = [large, small].map((program) => ({
    measure: async (ms: number) => 1e6 / (await program.ask<number>(ms)),
  }));
  const [ours = [], samples = []] = await inTurns(contestants, bench.effort);
  bench.report(
    compare(
      { what: `one load from a random place of ${megabytes(large.ready)}`, unit: "µs", subject: "memory" },
      ours,
      {
        name: `itself of ${megabytes(small.ready)}`,
        version: "",
        samples,
      },
    ),
  );
}

async function compareSizes(bench: Bench, operation: Operation, all: readonly Grown[]): Promise<void> {
  const { name, what, callers, target } = operation;
  const contestants = all.map(({ program }) => ({
    async measure(ms: number) {
      const question: EmbeddedQuestion = { operation: name, callers, ms };
      return 1e6 / (await program.ask<number>(question));
    },
  }));
  const samples = await inTurns(contestants, bench.effort);
  const samplesOf = (engine: EngineName, count: number) =>
    samples[all.findIndex((grown) => grown.engine === engine && grown.count === count)] ?? [];
  const { growth: counts } = bench.effort;
  const [least = 0, most = 0] = [counts[0], counts.at(-1)];
  const itself: Peer = { name: `itself among ${format(least)} keys`, version: "" };
  const row: Comparison = { what: `${what} among ${format(most)} keys`, unit: "µs" };

  const grown = compare(row, samplesOf("kvasir", most), {
    ...itself,
    samples: samplesOf("kvasir", least),
  });
  bench.report(target !== undefined && most >= TARGET_KEYS ? { ...grown, target } : grown);
  if (target !== undefined && most < TARGET_KEYS) {
    bench.report({
      what: `${what} among ${format(TARGET_KEYS)} keys`,
      target,
      ...tooManyForThis,
    });
  }
  if (bench.targetsOnly) return;
  const lmdb = samplesOf("lmdb", most);
  bench.report(
    compare({ ...row, subject: "raw lmdb" }, lmdb, { ...itself, samples: samplesOf("lmdb", least) }),
  );
  bench.report(
    compare(row, samplesOf("kvasir", most), {
      ...packagePeer("lmdb", "raw lmdb among as many keys"),
      samples: lmdb,
    }),
  );
  for (const engine of ["kvasir", "lmdb"] as const) {
    const points = counts.map((count) => [count, summarize(samplesOf(engine, count)).median] as const);
    bench.plot({ chart: `growth-${name}`, label: engine === "lmdb" ? "raw lmdb" : engine, points });
  }
}

/** The size of a directory on disk, in bytes. */
async function sizeOf({ directory }: Grown): Promise<number> {
  const files = await readdir(directory, { recursive: true });
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(directory, file))).blocks * 512),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function reportSize(bench: Bench, { engine, count }: Grown, bytes: number): void {
  bench.report({
    ...subject(engine),
    what: `size on disk of ${format(count)} entries of 112 bytes, key and value`,
    unit: "bytes/entry",
    figure: summarize([bytes / count]),
    notes: [`${megabytes(bytes)} in all`],
  });
}

function reportMemory(bench: Bench, all: readonly Grown[]): void {
  for (const { engine, count, program } of all) {
    bench.report({
      ...subject(engine),
      what: `memory of the process beyond the page cache, after all of that among ${format(count)} keys`,
      unit: "MB",
      figure: summarize([anonymousBytes(program.pid) / 1e6]),
    });
  }
}

const subject = (engine: EngineName) => (engine === "lmdb" ? { subject: "raw lmdb" } : {});
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
const format = (count: number) => count.toLocaleString("en-US");
