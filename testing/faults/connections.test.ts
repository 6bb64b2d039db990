/**
 * Faults tolerated here: clients that split, pipeline, delay, cut off and never read what HTTP allows, and
 * that send what it does not allow. Each response is correct and in its place. A write that was cut off is
 * stored completely or not at all. One connection never affects another.
 */
import { expect, onTestFinished, test } from "vitest";
import { fuzzRound } from "./connections/fuzzer.js";
import { Target } from "./connections/target.js";
import { CONNECTION_ROUNDS } from "./limits.js";
import { figuresOf } from "./machinery/figures.js";

test(
  "connections of every kind are answered rightly, by a server with a small heap",
  async () => {
    const target = await Target.start();
    onTestFinished(() => target.kill());
    for (let seed = 1; seed <= CONNECTION_ROUNDS; seed++) {
      const { explained, failures } = await fuzzRound(target, { seed });
      expect(failures, `npm run fuzz -- --seed ${seed}\n\n${explained.join("\n\n")}`).toBe(0);
    }
    expect((await figuresOf(target.api)).unexpectedExceptions ?? 0).toBe(0);
    expect(await target.stop(), target.said).toBe(0);
  },
  60_000 + CONNECTION_ROUNDS * 10_000,
);
