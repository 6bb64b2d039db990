import { expect, it } from "vitest";
import { TIME_TICK_MS } from "./limits.js";
import type { ProcessActivity, ProcessReader } from "./process-reader.js";
import { type Clock, TOO_LONG, withinProcessTime } from "./process-time.js";

/** What happens to a process in one tick, in shares of the tick. */
interface Tick {
  readonly computes?: number;
  readonly waits?: number;
  readonly held?: boolean;
  /**
   * How far the clock moves. A larger value means that this process was delayed too. @default TIME_TICK_MS
   */
  readonly ms?: number;
}

/** A machine on which all ticks are the same. It counts the ticks. */
class Machine implements ProcessReader, Clock {
  readonly isCostly = false;
  readonly #tick: Tick;
  readonly #measures: boolean;
  #ended: () => void = () => undefined;
  /** Resolves at the last tick. */
  readonly end = new Promise<void>((resolve) => {
    this.#ended = resolve;
  });
  ticks = 0;
  #nowMs = 0;

  constructor(tick: Tick, { measures = true } = {}) {
    this.#tick = tick;
    this.#measures = measures;
  }

  nowMs = (): number => this.#nowMs;

  wait = async (): Promise<void> => {
    if (++this.ticks === TICKS_MAX) this.#ended();
    this.#nowMs += this.#tick.ms ?? TIME_TICK_MS;
  };

  memoryBytes = async (): Promise<undefined> => undefined;

  activity = async (): Promise<ProcessActivity | undefined> => {
    const { computes = 0, waits = 0, held = false } = this.#tick;
    if (!this.#measures) return undefined;
    const waitedMs = new Map([
      [1, this.#nowMs * waits],
      [2, 0],
    ]);
    return { cpuMs: this.#nowMs * computes, waitedMs, held };
  };
}

const TICKS_MAX = 1000;
const MS_MAX = 10 * TIME_TICK_MS;

/** The number of ticks until the time is up. `undefined` if a thousand ticks are not enough. */
async function ticksUntilTooLong(
  counts: "computing" | "able",
  machine: Machine,
): Promise<number | undefined> {
  const options = { pid: 1, msMax: MS_MAX, counts, reader: machine, clock: machine };
  const outcome = await withinProcessTime(machine.end, options);
  return outcome === TOO_LONG ? machine.ticks : undefined;
}

it.each([
  ["computing", { computes: 1 }, 10],
  ["computing", { computes: 0.5, waits: 0.5 }, 20],
  ["computing", { computes: 0.001, waits: 0.999 }, undefined],
  ["computing", {}, undefined],
  ["computing", { held: true }, undefined],
  ["able", { computes: 1 }, 10],
  ["able", {}, 10],
  ["able", { waits: 0.5 }, 20],
  ["able", { waits: 1 }, undefined],
  ["able", { held: true }, undefined],
  // The machine was suspended: an hour passes, but counts as one tick.
  ["able", { ms: 3_600_000 }, 10],
  ["computing", { computes: 1, ms: 3_600_000 }, 10],
] as const)("%s: ticks with %j are too long after %s", async (counts, tick, expected) => {
  const ticks = await ticksUntilTooLong(counts, new Machine(tick));
  expect(ticks).toBe(expected);
});

it.each(["computing", "able"] as const)("%s: where nothing is measured the clock counts", async (counts) => {
  expect(await ticksUntilTooLong(counts, new Machine({}, { measures: false }))).toBe(10);
});

it("what comes in time is the result", async () => {
  const machine = new Machine({ computes: 1 });
  const options = { pid: 1, msMax: MS_MAX, counts: "able", reader: machine, clock: machine } as const;
  expect(await withinProcessTime(Promise.resolve("done"), options)).toBe("done");
  await expect(withinProcessTime(Promise.reject(new Error("failed")), options)).rejects.toThrow("failed");
});
