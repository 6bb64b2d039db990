import { Cron } from "croner";
import { expect, test } from "vitest";
import { CronError, cronPattern } from "./cron.js";

// The examples of Cloudflare's documentation, with the first moments after 2026-01-30 12:00.
test.each([
  ["* * * * *", "2026-01-30T12:01 2026-01-30T12:02"],
  ["*/30 * * * *", "2026-01-30T12:30 2026-01-30T13:00"],
  ["45 * * * *", "2026-01-30T12:45 2026-01-30T13:45"],
  ["0 17 * * sun", "2026-02-01T17:00 2026-02-08T17:00"],
  ["0 17 * * 1", "2026-02-01T17:00 2026-02-08T17:00"],
  ["10 7 * * mon-fri", "2026-02-02T07:10 2026-02-03T07:10"],
  ["10 7 * * 2-6", "2026-02-02T07:10 2026-02-03T07:10"],
  ["0 15 1 * *", "2026-02-01T15:00 2026-03-01T15:00"],
  ["0 18 * * 6L", "2026-01-30T18:00 2026-02-27T18:00"],
  ["0 18 * * friL", "2026-01-30T18:00 2026-02-27T18:00"],
  ["59 23 LW * *", "2026-01-30T23:59 2026-02-27T23:59"],
  ["0 0 15W * *", "2026-02-16T00:00 2026-03-16T00:00"],
  ["0 0 * * MON#2", "2026-02-09T00:00 2026-03-09T00:00"],
  ["0 0 L * *", "2026-01-31T00:00 2026-02-28T00:00"],
  ["0 0 * * L", "2026-01-31T00:00 2026-02-07T00:00"],
  ["5/20 12 * * *", "2026-01-30T12:05 2026-01-30T12:25"],
  ["0 0 1 jan,Jul *", "2026-07-01T00:00 2027-01-01T00:00"],
  // Either day is enough, as everywhere in cron.
  ["0 0 1 * tue", "2026-02-01T00:00 2026-02-03T00:00"],
])("%s", (expression, moments) => {
  const runs = new Cron(cronPattern(expression), { paused: true, timezone: "UTC" }).nextRuns(
    2,
    new Date("2026-01-30T12:00:00Z"),
  );
  expect(runs.map((run) => run.toISOString().slice(0, 16)).join(" ")).toBe(moments);
});

test.each([
  ["", "needs five fields"],
  ["* * * *", "needs five fields"],
  ["0 * * * * *", "needs five fields"],
  ["@daily", "needs five fields"],
  ["60 * * * *", 'has "60" as the minute: it must be 0 to 59'],
  ["* 24 * * *", 'has "24" as the hour'],
  ["* * 0 * *", 'has "0" as the day of the month'],
  ["* * * 13 *", 'has "13" as the month: it must be 1 to 12, or JAN to DEC'],
  ["* * * * 0", 'has "0" as the day of the week: days of the week are 1 (Sunday) to 7'],
  ["30-10 * * * *", 'has "30-10"'],
  ["*/0 * * * *", 'has "*/0"'],
  ["* * * * fri#6", 'has "fri#6"'],
  ["L * * * *", 'has "L" as the minute'],
  ["* * ? * *", 'has "?"'],
  ["every minute of the day", 'has "every"'],
])("%s is none", (expression, reason) => {
  expect(() => cronPattern(expression)).toThrow(CronError);
  expect(() => cronPattern(expression)).toThrow(reason);
});
