import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { KvasirEvent } from "../../events/events.js";
import { CronSchedule } from "./cron-schedule.js";

const START_MS = Date.UTC(2026, 0, 31, 23, 57, 30, 250);
const MINUTE_MS = 60_000;
const EVERY_MINUTE = { expression: "* * * * *", pattern: "* * * * *" };

const runs: { readonly name: string; readonly cron: string; readonly scheduledTimeMs: number }[] = [];
const events: KvasirEvent[] = [];
let outcome: string | undefined;
let schedule: CronSchedule;

function start(crons = [EVERY_MINUTE]): void {
  schedule = new CronSchedule([{ name: "worker", crons }], {
    trigger: async (name, run) => {
      runs.push({ name, ...run });
      return outcome === undefined ? undefined : { outcome };
    },
    onEvent: (event) => events.push(event),
  });
}

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
  runs.length = 0;
  events.length = 0;
  outcome = "ok";
});
afterEach(() => {
  schedule.stop();
  vi.useRealTimers();
});

test("a handler runs once in each minute of its expression, with that minute as its time, and is reported", async () => {
  start();
  await vi.advanceTimersByTimeAsync(3 * MINUTE_MS);
  const first = Date.UTC(2026, 0, 31, 23, 58);
  expect(runs).toEqual(
    [0, 1, 2].map((at) => ({ name: "worker", cron: "* * * * *", scheduledTimeMs: first + at * MINUTE_MS })),
  );
  expect(events).toHaveLength(3);
  expect(events[0]).toMatchObject({ level: "info", function: "worker" });
  expect(JSON.stringify(events[0])).toContain('scheduled \\"* * * * *\\": ok in ');
});

test("expressions are in UTC", async () => {
  start([{ expression: "0 0 1 * *", pattern: "0 0 1 * *" }]);
  await vi.advanceTimersByTimeAsync(4 * MINUTE_MS);
  expect(runs.map(({ scheduledTimeMs }) => scheduledTimeMs)).toEqual([Date.UTC(2026, 1, 1)]);
});

test("moments that passed while the machine slept are not made up for", async () => {
  start();
  vi.setSystemTime(START_MS + 60 * MINUTE_MS);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(runs.length).toBeLessThanOrEqual(2);
});

test("a run that failed or was cut off is an error", async () => {
  start();
  outcome = "exception";
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  outcome = undefined;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(events).toMatchObject([{ level: "error" }, { level: "error" }]);
  expect(JSON.stringify(events[1])).toContain("was cut off");
});

test("nothing runs after it was stopped", async () => {
  start();
  schedule.stop();
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  expect(runs).toEqual([]);
});
