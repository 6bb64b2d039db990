import { FakeClock } from "@kvasir/store";
import { expect, test } from "vitest";
import { steadyClock } from "./clock.js";
import { CLOCK_STEP_BACK_MS_MAX } from "./limits.js";

test("time passes as the clock says", () => {
  const clock = new FakeClock(1000);
  const nowMs = steadyClock(clock);
  expect(nowMs()).toBe(1000);
  clock.advance(5);
  expect(nowMs()).toBe(1005);
});

test("a small step back holds time still until the clock has caught up", () => {
  const clock = new FakeClock(10_000);
  const nowMs = steadyClock(clock);
  nowMs();
  clock.advance(-CLOCK_STEP_BACK_MS_MAX);
  expect(nowMs()).toBe(10_000);
  clock.advance(CLOCK_STEP_BACK_MS_MAX + 1);
  expect(nowMs()).toBe(10_001);
});

test("a large step back is an error that says what to do", () => {
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
    const nowMs = steadyClock({ nowMs: () => now as number });
    expect(nowMs).toThrow(expect.objectContaining({ code: "option_invalid" }));
  },
);
