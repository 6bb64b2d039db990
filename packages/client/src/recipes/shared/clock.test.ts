import { FakeClock } from "@kvasir/store";
import { expect, test } from "vitest";
import { recoveringClock, steadyClock } from "./clock.js";
import { CLOCK_STEP_BACK_MS_MAX } from "./limits.js";

test.each([
  ["steady", steadyClock],
  ["recovering", recoveringClock],
])("time passes as the clock says: %s", (_, reading) => {
  const clock = new FakeClock(1000);
  const nowMs = reading(clock);
  expect(nowMs()).toBe(1000);
  clock.advance(5);
  expect(nowMs()).toBe(1005);
});

test.each([
  ["steady", steadyClock],
  ["recovering", recoveringClock],
])("a small step back holds time still until the clock has caught up: %s", (_, reading) => {
  const clock = new FakeClock(10_000);
  const nowMs = reading(clock);
  nowMs();
  clock.advance(-CLOCK_STEP_BACK_MS_MAX);
  expect(nowMs()).toBe(10_000);
  clock.advance(CLOCK_STEP_BACK_MS_MAX + 1);
  expect(nowMs()).toBe(10_001);
});

test("a large step back holds time still for a second, and then it goes on from the new time", () => {
  const clock = new FakeClock(100_000);
  const nowMs = recoveringClock(clock);
  nowMs();
  clock.advance(-60_000);
  expect(nowMs()).toBe(100_000);
  clock.advance(CLOCK_STEP_BACK_MS_MAX - 1);
  expect(nowMs()).toBe(100_000);
  clock.advance(1);
  expect(nowMs()).toBe(40_000 + CLOCK_STEP_BACK_MS_MAX);
  clock.advance(5);
  expect(nowMs()).toBe(40_005 + CLOCK_STEP_BACK_MS_MAX);
});

test("a second step back while time is held still begins the second anew", () => {
  const clock = new FakeClock(100_000);
  const nowMs = recoveringClock(clock);
  nowMs();
  clock.advance(-10_000);
  nowMs();
  clock.advance(-10_000);
  expect(nowMs()).toBe(100_000);
  clock.advance(CLOCK_STEP_BACK_MS_MAX);
  expect(nowMs()).toBe(80_000 + CLOCK_STEP_BACK_MS_MAX);
});

test("to a lock a large step back is an error that says what to do", () => {
  const clock = new FakeClock(10_000);
  const nowMs = steadyClock(clock);
  nowMs();
  clock.advance(-CLOCK_STEP_BACK_MS_MAX - 1);
  expect(nowMs).toThrow(
    expect.objectContaining({ code: "clock_backwards", hint: expect.stringContaining("Correct") }),
  );
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, "1"])(
  "a clock that answers %s is refused",
  (now) => {
    for (const reading of [steadyClock, recoveringClock]) {
      const nowMs = reading({ nowMs: () => now as number });
      expect(nowMs).toThrow(expect.objectContaining({ code: "option_invalid" }));
    }
  },
);
