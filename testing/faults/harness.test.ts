/**
 * Tests the tests, because a harness that cannot fail proves nothing. Each test here breaks one promise on
 * purpose and expects the judge to report it.
 */
import { open } from "@kvasir/store";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { buildProgram } from "../harness/build-program.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";
import { LANES } from "./limits.js";
import { writeUntilKilled } from "./machinery/kill.js";
import { judge } from "./workload/judge.js";
import { type Acknowledgement, runLane } from "./workload/lane.js";
import { BALANCES, COUNTER, groupKeys, HOT_KEYS } from "./workload/plan.js";
import { authorOf, bytesOf } from "./workload/value.js";

/** Rounds in which the cheat must be caught. It is nearly always caught in the first. */
const CHEATING_ROUNDS = 10;
const SEED = "harness";
const STEPS = 60;

/** A round that ended well: each lane stops after some acknowledged steps, with nothing in flight. */
async function writtenRound() {
  const database = open(":memory:");
  // Otherwise its directory would be left behind, because test processes are ended without a chance to clean
  // up.
  onTestFinished(() => database.close());
  const kv = database.namespace("round");
  const acknowledged: Acknowledgement[] = [];
  const done = new Error("enough");
  for (let lane = 0; lane < 2; lane++) {
    const acknowledge = (each: Acknowledgement) => {
      acknowledged.push(each);
      if (each.step === STEPS - 1) throw done;
    };
    await runLane(kv, { seed: SEED, lane, manner: "honest", acknowledge }).catch((error: unknown) => {
      if (error !== done) throw error;
    });
  }
  return { kv, round: { seed: SEED, lanes: 2, acknowledged } };
}

describe("the judge", () => {
  test("finds nothing wrong where nothing is", async () => {
    const { kv, round } = await writtenRound();
    expect(await judge(kv, round)).toEqual([]);
  });

  test("names an acknowledged write that is gone", async () => {
    const { kv, round } = await writtenRound();
    const { keys } = await kv.list({ prefix: "lane:0:own:" });
    const key = keys[0]?.name ?? "";
    await kv.delete(key);
    expect((await judge(kv, round)).join()).toContain(`${key} is gone`);
  });

  test("names a value of which one byte is another's", async () => {
    const { kv, round } = await writtenRound();
    for (const { name } of (await kv.list({ prefix: "lane:" })).keys) {
      const value = Buffer.from((await kv.get(name, "arrayBuffer")) ?? new ArrayBuffer(0));
      value[value.length - 1] = (value[value.length - 1] ?? 0) ^ 1;
      await kv.put(name, value);
      expect((await judge(kv, round)).join()).toContain(name);
      return;
    }
    expect.unreachable("the round left nothing behind");
  });

  test("names metadata and expiry of another write", async () => {
    const { kv, round } = await writtenRound();
    const key = (await kv.list({ prefix: "lane:1:" })).keys[0]?.name ?? "";
    const { value } = await kv.getWithMetadata(key, "arrayBuffer");
    await kv.put(key, value ?? "", { metadata: { of: "nobody" } });
    expect((await judge(kv, round)).join()).toContain("metadata of another write");
  });

  test("names half of a commit", async () => {
    const { kv, round } = await writtenRound();
    await kv.put(groupKeys(0)[1] ?? "", bytesOf({ seed: SEED, lane: 0, step: STEPS }, 100));
    expect(await judge(kv, round)).not.toEqual([]);
    await kv.increment(BALANCES[0], 5);
    expect((await judge(kv, round)).join()).toContain("half of a commit");
  });

  test("names a counter that lost an increment, and one that counted twice", async () => {
    const { kv, round } = await writtenRound();
    const sum = Number(await kv.get(COUNTER));
    await kv.put(COUNTER, String(sum - 1));
    expect((await judge(kv, round)).join()).toContain("were acknowledged");
    await kv.put(COUNTER, String(sum * 2));
    expect((await judge(kv, round)).join()).toContain("attempted");
  });

  test("names a shared key that went back to an older value", async () => {
    const { kv, round } = await writtenRound();
    const key = HOT_KEYS[0];
    await kv.delete(key);
    expect((await judge(kv, round)).join()).toContain(`${key} is gone`);
    await kv.put(key, "what nobody wrote");
    expect((await judge(kv, round)).join()).toContain("no whole value");
  });
});

describe("a value", () => {
  test("is recognised whole, and not when it is torn, cut off or mixed with another", () => {
    const value = bytesOf({ seed: SEED, lane: 3, step: 7 }, 5000);
    const other = bytesOf({ seed: SEED, lane: 3, step: 8 }, 5000);
    expect(authorOf(SEED, value)).toEqual({ seed: SEED, lane: 3, step: 7 });
    expect(authorOf(SEED, value.subarray(0, 4999))).toBeNull();
    expect(authorOf(SEED, Buffer.concat([value.subarray(0, 4096), other.subarray(4096)]))).toBeNull();
    expect(authorOf(SEED, Buffer.concat([value.subarray(0, 4096), Buffer.alloc(904)]))).toBeNull();
  });
});

describe("a writer that acknowledges before it writes", () => {
  let writer: string;
  beforeAll(async () => {
    writer = await buildProgram("faults/programs/writer");
  });

  test("is caught", async () => {
    const directory = temporaryDirectory();
    for (let number = 0; number < CHEATING_ROUNDS; number++) {
      const round = { seed: `cheating:${number}`, lanes: LANES, namespace: `round-${number}` };
      const acknowledged = await writeUntilKilled(writer, { ...round, directory, manner: "cheating" });
      const database = open(directory);
      const broken = await judge(database.namespace(round.namespace), { ...round, acknowledged });
      await database.close();
      if (broken.length > 0) return;
    }
    expect.unreachable(`${CHEATING_ROUNDS} rounds of cheating went unnoticed`);
  }, 60_000);
});
