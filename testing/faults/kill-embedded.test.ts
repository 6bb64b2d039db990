/**
 * Faults tolerated here: the process that embeds the store is killed by SIGKILL at any moment, with eight
 * writers at work; also repeatedly on one data directory, and while another process has the directory open.
 *
 * Afterwards every acknowledged write is there, or superseded by a later one. A write that was in flight is
 * there completely or not at all, including values of several parts and commits of several keys. Counters lie
 * between the acknowledged and the attempted sum. Lists agree with gets. The store's own check finds nothing.
 *
 * Not covered: loss of power, because the page cache survives the process (`power-cut.test.ts` covers it);
 * disks that lie about a flush; bits that rot.
 */
import { open } from "@kvasir/store";
import { beforeAll, describe, expect, test } from "vitest";
import { buildProgram } from "../harness/build-program.js";
import { runSeed } from "../harness/random.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { EMBEDDED_ROUNDS, LANES } from "./limits.js";
import { checkDirectory } from "./machinery/check.js";
import { writeUntilKilled } from "./machinery/kill.js";
import { judge, type Round } from "./workload/judge.js";

let writer: string;
beforeAll(async () => {
  writer = await buildProgram("faults/programs/writer");
});

/** Kills writers one after the other in one directory, and judges each namespace after each kill. */
async function killRounds(options: { directory: string; seed: string; rounds: number }): Promise<number> {
  const { directory, seed, rounds } = options;
  const past: (Round & { readonly namespace: string })[] = [];
  for (let number = 0; number < rounds; number++) {
    const round = { seed: `${seed}:${number}`, lanes: LANES, namespace: `round-${number}` };
    const acknowledged = await writeUntilKilled(writer, { ...round, directory, manner: "honest" });
    past.push({ ...round, acknowledged });

    const database = open(directory);
    const broken = await judge(database.namespace(round.namespace), { ...round, acknowledged });
    await database.close();
    expect(broken, `KVASIR_FAULT_SEED=${seed}, round ${number}`).toEqual([]);
  }
  // What was correct after its own kill must still be correct after all later ones.
  const database = open(directory);
  for (const round of past) {
    const broken = await judge(database.namespace(round.namespace), round);
    expect(broken, `KVASIR_FAULT_SEED=${seed}, ${round.namespace} at the end`).toEqual([]);
  }
  await database.close();
  expect(await checkDirectory(directory), `KVASIR_FAULT_SEED=${seed}`).toEqual([]);
  return past.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
}

describe("a process that embeds the store and is killed while it writes", () => {
  test(
    "loses no acknowledged write, tears none, and leaves lists that agree with gets",
    async () => {
      const acknowledged = await killRounds({
        directory: temporaryDirectory(),
        seed: runSeed(),
        rounds: EMBEDDED_ROUNDS,
      });
      // A harness that kills before anything is written would find no errors either.
      expect(acknowledged).toBeGreaterThan(EMBEDDED_ROUNDS);
    },
    30_000 + EMBEDDED_ROUNDS * 10_000,
  );

  test("does not disturb another process on the same directory", async () => {
    const directory = temporaryDirectory();
    const seed = runSeed();
    const bystander = open(directory);
    const mine = bystander.namespace("bystander");
    await mine.put("before", "here");
    const round = { seed, lanes: LANES, namespace: "killed" };
    const acknowledged = await writeUntilKilled(writer, { ...round, directory, manner: "honest" });

    // Without reopening, because the locks that the dead process held must not block this one.
    await mine.put("after", "here too");
    expect(await mine.get("before")).toBe("here");
    expect(await mine.get("after")).toBe("here too");
    const broken = await judge(bystander.namespace("killed"), { ...round, acknowledged });
    expect(broken, `KVASIR_FAULT_SEED=${seed}`).toEqual([]);
    await bystander.close();
  });
});
