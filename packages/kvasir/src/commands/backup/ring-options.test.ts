import { expect, test } from "vitest";
import { parseEvery, parseKeep } from "./ring-options.js";

test.each([
  ["1s", 1000],
  ["5m", 300_000],
  ["12h", 43_200_000],
  ["1d", 86_400_000],
])("--every %s is %d ms", (text, ms) => expect(parseEvery(text)).toBe(ms));

test.each(["", "0s", "5", "5 m", "-5m", "1.5h", "5min", "4w", "25d"])("--every %j is refused", (text) => {
  expect(() => parseEvery(text)).toThrow("It must be a time from 1s to 24d");
});

test.each(["", "0", "-1", "1.5", "many", "10001"])("--keep %j is refused", (text) => {
  expect(() => parseKeep(text)).toThrow("It must be a whole number from 1 to 10000");
});
