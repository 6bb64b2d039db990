/**
 * Fault tolerated here: the machine loses power, at any moment, with several writers at work. A test cannot
 * cut the power, but it can record every system call on the data file and build the file that the disk may
 * then hold. What was flushed is there. Of what was not flushed, there may be nothing, all, only the first or
 * the last writes, any selection, and whole writes as well as single pages and sectors of them.
 *
 * A store that opens such a file finds every write that was acknowledged before the cut. None of them is torn
 * or mixed with another. Commits of several keys are there completely or not at all, and the store's own
 * check finds nothing. The store can be written to again.
 *
 * Not covered: disks that lie about a flush, sectors that are torn themselves, a file system that loses the
 * file's name.
 */
import { spawnSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { buildProgram } from "../harness/build-program.js";
import { runSeed } from "../harness/random.js";
import { describeWith } from "../harness/requirements.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { POWER_CUTS } from "./limits.js";
import { strace } from "./machinery/file-trace.js";
import type { Finding, SurveyInput } from "./power-cut/power-cut-survey.js";
import type { PowerCutWriterInput } from "./power-cut/power-cut-writer.js";

const LANES = 4;
const STEPS = 20;
/** Enough to lose something and to damage something if nothing is flushed. */
const CUTS_UNFLUSHED = 16;

describeWith(strace, "a machine that loses power while the store writes", () => {
  let survey: string;
  let writer: string;
  beforeAll(async () => {
    survey = await buildProgram("faults/power-cut/power-cut-survey");
    writer = await buildProgram("faults/power-cut/power-cut-writer");
  });

  /** The findings after each of the cuts. The last one has no result if the store's process died. */
  function findings(options: {
    readonly seed: string;
    readonly cuts: number;
    readonly durability: PowerCutWriterInput["durability"];
  }): Finding[] {
    const { seed, cuts, durability } = options;
    const input: SurveyInput = {
      writer,
      writing: {
        directory: temporaryDirectory(),
        namespace: "power-cut",
        seed,
        lanes: LANES,
        steps: STEPS,
        durability,
      },
      scratch: temporaryDirectory(),
      cuts,
    };
    const { stdout, stderr, status } = spawnSync(process.execPath, [survey, JSON.stringify(input)], {
      encoding: "utf8",
    });
    const said = stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Finding]));
    const asked = said.filter(({ broken }) => broken === null);
    const answered = said.filter(({ broken }) => broken !== null);
    if (answered.length === asked.length && status === 0) return answered;
    return [...answered, { ...(asked.at(-1) as Finding), broken: [`The process died: ${status} ${stderr}`] }];
  }

  test("loses no acknowledged write, tears none, and goes on", () => {
    const seed = runSeed();
    const found = findings({ seed, cuts: POWER_CUTS, durability: "strict" });
    expect(
      found.filter(({ broken }) => broken?.length !== 0),
      `KVASIR_FAULT_SEED=${seed}`,
    ).toEqual([]);
    expect(found).toHaveLength(POWER_CUTS);
    // Cuts between flushes, at which nothing can go wrong, would prove nothing.
    expect(found.filter(({ pending }) => pending > 0).length).toBeGreaterThan(POWER_CUTS / 4);
  }, 300_000);

  test("is noticed by this test where nothing is flushed", () => {
    const found = findings({ seed: "relaxed", cuts: CUTS_UNFLUSHED, durability: "relaxed" });
    const broken = found.flatMap((finding) => finding.broken).join("\n");
    expect(broken).toContain("that was acknowledged");
    expect(broken).toContain("cannot be read");
  }, 60_000);
});
