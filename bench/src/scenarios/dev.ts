import { cp, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DEV_EDITS, DEV_STARTS, EDIT_MS_MAX } from "../core/limits.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { summarize } from "../core/summary.js";
import { type Target, targets } from "../core/targets.js";
import { until } from "../core/until.js";
import { startKvasir } from "../fixtures/kvasir.js";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));

interface Project {
  readonly name: string;
  readonly directory: string;
  /** Relative to the directory. */
  readonly source: string;
  /** A text in the source with which it responds to an unknown path. The edits change this text. */
  readonly notFound: string;
  readonly targets?: { readonly ready: Target; readonly edit: Target };
}

const UNKNOWN_PATH = "/no-such-path";

const PROJECTS: readonly Project[] = [
  {
    name: "a small Worker",
    directory: join(REPOSITORY, "bench/workers/reader"),
    source: "src/index.js",
    notFound: "No such path.",
    targets: { ready: targets.devReady, edit: targets.editServed },
  },
  {
    name: "examples/showcase",
    directory: join(REPOSITORY, "examples/showcase"),
    source: "src/index.ts",
    notFound: "There is no such link\\n",
  },
];

export const dev: Scenario = {
  name: "dev",
  title: "How long until `kvasir dev` answers, and until it answers with an edit?",
  async run(bench) {
    for (const project of PROJECTS) {
      if (bench.targetsOnly && project.targets === undefined) continue;
      const copy = await copyBeside(bench, project);
      await measureReady(bench, project, copy);
      await measureEdits(bench, project, copy);
    }
  },
};

/** Edits are made in a copy. It is beside the original, so that `node_modules` is found from it too. */
async function copyBeside({ workspace }: Bench, { directory }: Project): Promise<string> {
  const copy = join(await workspace.directoryIn(join(REPOSITORY, "bench")), basename(directory));
  await cp(directory, copy, {
    recursive: true,
    filter: (path) => !/[\\/](node_modules|\.kvasir)([\\/]|$)/.test(path),
  });
  return copy;
}

async function measureReady(
  { workspace, report }: Bench,
  { name, targets }: Project,
  directory: string,
): Promise<void> {
  const samples: number[] = [];
  const said: number[] = [];
  // The first start is the warm-up. It brings the programs' files into the page cache.
  for (let start = 0; start <= DEV_STARTS; start++) {
    const data = await workspace.directory("dev");
    const kvasir = await startKvasir(workspace, ["dev", directory, "--data", data]);
    const response = await fetch(kvasir.functions + UNKNOWN_PATH);
    await response.arrayBuffer();
    await kvasir.stop();
    if (start === 0) continue;
    samples.push(kvasir.readyMs);
    said.push(kvasir.saidMs);
  }
  report({
    what: `kvasir dev on ${name}, from starting the process to its ready line`,
    unit: "ms",
    figure: summarize(samples),
    ...(targets && { target: targets.ready }),
    notes: [`it says itself: ready in ${summarize(said).median.toFixed(0)} ms`],
  });
}

async function measureEdits(
  { workspace, report }: Bench,
  project: Project,
  directory: string,
): Promise<void> {
  const source = join(directory, project.source);
  const original = await readFile(source, "utf8");
  const data = await workspace.directory("dev");
  const { functions } = await startKvasir(workspace, ["dev", directory, "--data", data]);

  const samples: number[] = [];
  for (let edit = 0; edit <= DEV_EDITS; edit++) {
    const answer = `Edit ${edit} is served.`;
    const edited = original.replaceAll(project.notFound, answer);
    if (edited === original) throw new Error(`${source} does not say "${project.notFound}" any more.`);
    const writtenMs = performance.now();
    await writeFile(source, edited);
    await until(async () => (await (await fetch(functions + UNKNOWN_PATH)).text()).includes(answer), {
      timeoutMs: EDIT_MS_MAX,
      what: `edit ${edit} of ${project.name} to be served`,
    });
    if (edit > 0) samples.push(performance.now() - writtenMs);
  }
  report({
    what: `an edit of ${project.name}, from writing the file to the first new answer`,
    unit: "ms",
    figure: summarize(samples),
    ...(project.targets && { target: project.targets.edit }),
  });
}
