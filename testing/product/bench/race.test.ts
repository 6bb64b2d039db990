import { describe, expect, it } from "vitest";
import { quick } from "../../../bench/src/core/effort.js";
import { type Contestant, race } from "../../../bench/src/core/rounds.js";
import type { MissingRow, Row } from "../../../bench/src/core/row.js";
import type { Bench } from "../../../bench/src/core/scenario.js";
import { targets } from "../../../bench/src/core/targets.js";
import { outcomeOf } from "../../../bench/src/report/words.js";

const peer = { name: "a peer", version: "1.0.0" };
const comparison = { what: "an operation", unit: "ops/s" } as const;

describe("a race of the benchmark suite", () => {
  it("takes the ratio round by round, and the median of it", async () => {
    const bench = new RecordingBench({ rounds: 3 });
    // After the warm-up the machine is half as fast, then a third as fast. The ratio stays the same.
    await race(bench, comparison, answering(9, 100, 50, 30), [
      { peer, contestant: answering(9, 200, 100, 60) },
    ]);
    expect(bench.rows[0]).toMatchObject({
      figure: { median: 50, least: 30, most: 100, rounds: 3 },
      peer: { name: "a peer", version: "1.0.0", figure: { median: 100 } },
      ratio: { median: 0.5, least: 0.5, most: 0.5 },
    });
  });

  it("measures in turns", async () => {
    const bench = new RecordingBench({ rounds: 2 });
    const order: string[] = [];
    const named = (name: string): Contestant => ({
      async measure() {
        order.push(name);
        return 1;
      },
    });
    await race(bench, comparison, named("ours"), [{ peer, contestant: named("theirs") }]);
    expect(order).toEqual(["ours", "theirs", "ours", "theirs", "ours", "theirs"]);
  });

  it("names a peer that is not there, and counts its target as not measured", async () => {
    const bench = new RecordingBench();
    const missing = { missing: "webdis + Redis", reason: "there is no webdis" };
    await race(bench, comparison, answering(1), [{ ...missing, target: targets.httpGetOverWebdis }]);
    expect(bench.rows).toEqual([{ what: "an operation", ...missing, target: targets.httpGetOverWebdis }]);
    expect(bench.rows.map(outcomeOf)).toEqual(["not measured"]);
  });

  it("leaves out whom no target is about when only targets are asked for", async () => {
    const bench = new RecordingBench({ targetsOnly: true });
    await race(bench, comparison, answering(1, 90), [
      { peer, contestant: answering() },
      { peer, contestant: answering(1, 100), target: targets.httpGetOverBare },
    ]);
    expect(bench.rows.map(outcomeOf)).toEqual(["reached"]);
  });
});

class RecordingBench implements Pick<Bench, "effort" | "targetsOnly" | "report"> {
  readonly effort;
  readonly targetsOnly: boolean;
  readonly rows: (Row | MissingRow)[] = [];

  constructor({ rounds = 1, targetsOnly = false } = {}) {
    this.effort = { ...quick, rounds };
    this.targetsOnly = targetsOnly;
  }

  report(row: Row | MissingRow): void {
    this.rows.push(row);
  }
}

/** Returns these figures in turn. The first one is for the warm-up. */
function answering(...figures: number[]): Contestant {
  return {
    async measure() {
      const figure = figures.shift();
      if (figure === undefined) throw new Error("Measured more often than expected.");
      return figure;
    },
  };
}
