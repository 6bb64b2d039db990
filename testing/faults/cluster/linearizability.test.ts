/** The checker of histories must accept what a register can do, and find what it cannot. */
import { describe, expect, test } from "vitest";
import { Random } from "../../harness/random.js";
import { firstInexplicable, type RegisterOperation, type Value } from "./linearizability.js";

const UNKNOWN = Number.POSITIVE_INFINITY;

function read(beganUs: number, endedUs: number, value: Value): RegisterOperation {
  return { is: "read", beganUs, endedUs, value };
}

function swap(
  [beganUs, endedUs]: readonly [number, number],
  [from, to]: readonly [Value, Value],
  won: boolean | null = true,
): RegisterOperation {
  return { is: "swap", beganUs, endedUs, from, to, won };
}

describe("a history of a register", () => {
  test.each<[string, readonly RegisterOperation[]]>([
    ["reads what was written before", [swap([0, 1], [null, "a"]), read(2, 3, "a")]],
    [
      "reads before or after a write that overlaps",
      [swap([0, 9], [null, "a"]), read(1, 2, null), read(3, 4, "a")],
    ],
    [
      "refuses a change whose condition does not hold",
      [swap([0, 1], [null, "a"]), swap([2, 3], [null, "b"], false)],
    ],
    [
      "has an unknown change that was made later",
      [swap([0, UNKNOWN], [null, "a"], null), read(1, 2, null), read(3, 4, "a")],
    ],
    [
      "has an unknown change that was never made",
      [swap([0, UNKNOWN], [null, "a"], null), read(1, 2, null), read(3, 4, null)],
    ],
  ])("that %s is explained", (_, history) => {
    expect(firstInexplicable(history)).toBeNull();
  });

  test.each<[string, readonly RegisterOperation[], number]>([
    ["reads an old value after a write ended", [swap([0, 1], [null, "a"]), read(2, 3, null)], 1],
    ["reads backwards", [swap([0, 9], [null, "a"]), read(1, 2, "a"), read(3, 4, null)], 2],
    ["has two winners of one condition", [swap([0, 5], [null, "a"]), swap([0, 6], [null, "b"])], 1],
    ["loses a write", [swap([0, 1], [null, "a"]), swap([2, 3], ["a", "b"]), read(4, 5, "a")], 2],
    ["reads what was never written", [read(0, 1, "x")], 0],
    [
      "refuses a change whose condition holds",
      [swap([0, 1], [null, "a"]), swap([2, 3], ["a", "b"], false)],
      1,
    ],
    [
      "makes an unknown change twice",
      [swap([0, UNKNOWN], [null, "a"], null), read(1, 2, "a"), read(3, 4, null)],
      2,
    ],
  ])("that %s is not", (_, history, at) => {
    expect(firstInexplicable(history)).toBe(history[at]);
  });

  test("that a register made is explained, and not after one of its reads is exchanged", () => {
    const random = new Random(14);
    for (let round = 0; round < 50; round++) {
      const history = historyOf(random, 40);
      expect(firstInexplicable(history)).toBeNull();
      const reads = history.flatMap((operation, at) => (operation.is === "read" ? [at] : []));
      const planted = history.map((operation, at) =>
        at === reads.at(-1) ? { ...operation, value: "never written" } : operation,
      );
      expect(firstInexplicable(planted as RegisterOperation[])).not.toBeNull();
    }
  });
});

/** Operations of several clients that took place at a moment between their beginning and their end. */
function historyOf(random: Random, count: number): RegisterOperation[] {
  let value: Value = null;
  const made: RegisterOperation[] = [];
  for (let at = 0; at < count; at++) {
    const atUs = at * 10;
    const [beganUs, endedUs] = [atUs - random.below(30), atUs + 1 + random.below(30)];
    if (random.chance(0.5)) made.push(read(beganUs, endedUs, value));
    else {
      const from: Value = random.chance(0.7) ? value : `v${random.below(at + 1)}`;
      const won = from === value;
      made.push(
        won && random.chance(0.2)
          ? swap([beganUs, UNKNOWN], [from, `v${at}`], null)
          : swap([beganUs, endedUs], [from, `v${at}`], won),
      );
      if (won) value = `v${at}`;
    }
  }
  return made;
}
