import { expect, test } from "vitest";
import { parseExpiry } from "./expiry.js";

const NOW_MS = Date.UTC(2026, 0, 31);

test.each([
  ["30d", NOW_MS + 30 * 86_400_000],
  ["12h", NOW_MS + 12 * 3_600_000],
  ["45m", NOW_MS + 45 * 60_000],
  ["90s", NOW_MS + 90_000],
  ["2w", NOW_MS + 14 * 86_400_000],
  ["2027-01-31", Date.UTC(2027, 0, 31)],
  ["2027-01-31T12:00:00Z", Date.UTC(2027, 0, 31, 12)],
  ["2027-01-31T12:00:00+02:00", Date.UTC(2027, 0, 31, 10)],
])("%s", (text, expected) => {
  expect(parseExpiry(text, NOW_MS)).toBe(expected);
});

test.each([
  "",
  "30",
  "d",
  "-1d",
  "1.5d",
  "30 d",
  "1y",
  "tomorrow",
  "2027",
  "2027-13-01",
  "2027-02-30",
  `${"9".repeat(20)}w`,
])("%j is refused with what would do", (text) => {
  expect(() => parseExpiry(text, NOW_MS)).toThrow(/neither a duration nor a date/);
});

test.each(["0d", "2026-01-31", "2020-01-01"])("%s is not in the future", (text) => {
  expect(() => parseExpiry(text, NOW_MS)).toThrow(/not in the future/);
});
