import { expect, it } from "vitest";
import {
  MEMORY_BYTES_PER_MS,
  MEMORY_CHECK_BY_PROGRAM_MS,
  MEMORY_CHECK_MS_MAX,
  MEMORY_CHECK_MS_MIN,
} from "./limits.js";
import { watchMemory } from "./memory-watch.js";

const BYTES_MAX = 1_000_000_000;

/** Watches a process that uses the given memory at each measurement in turn. Stops after the last. */
async function watched(held: readonly (number | undefined)[], { isCostly = false } = {}) {
  const waits: number[] = [];
  const rest = [...held];
  const exceeded = await new Promise<number | undefined>((resolve) => {
    const stop = watchMemory({
      pid: 1,
      bytesMax: BYTES_MAX,
      onExceeded: resolve,
      reader: {
        isCostly,
        memoryBytes: async () => rest.shift(),
        activity: async () => undefined,
      },
      wait: async (ms) => {
        waits.push(ms);
        if (rest.length > 0) return;
        stop();
        resolve(undefined);
      },
    });
  });
  return { exceeded, waits };
}

it("tells once what a process holds that exceeds its limit", async () => {
  const { exceeded, waits } = await watched([10, BYTES_MAX, BYTES_MAX + 1, BYTES_MAX + 2]);
  expect(exceeded).toBe(BYTES_MAX + 1);
  expect(waits).toHaveLength(2);
});

it("measures more often the sooner a process could reach its limit", async () => {
  const left = [BYTES_MAX, 100 * MEMORY_BYTES_PER_MS, 1].map((bytes) => BYTES_MAX - bytes);
  const { waits } = await watched([...left, undefined]);
  const expected = [BYTES_MAX / MEMORY_BYTES_PER_MS / 2, 50, MEMORY_CHECK_MS_MIN];
  expect(waits.slice(0, 3).map(Math.round)).toEqual(expected.map(Math.round));
  // Without a measurement nothing indicates that the process is close to its limit.
  expect(waits[3]).toBeLessThanOrEqual(MEMORY_CHECK_MS_MAX);
});

it("starts a program for each measurement only once a second", async () => {
  const { waits } = await watched([BYTES_MAX - 1], { isCostly: true });
  expect(waits).toEqual([MEMORY_CHECK_BY_PROGRAM_MS]);
});
