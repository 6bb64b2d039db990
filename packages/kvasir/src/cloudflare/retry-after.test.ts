import { expect, test } from "vitest";
import { RETRY_AFTER_MS_MAX } from "./limits.js";
import { retryAfterMs } from "./retry-after.js";

const NOW_MS = Date.parse("2026-11-29T10:00:00Z");

test.each([
  ["0", 0],
  ["240", 240_000],
  [" 1.5 ", 1_500],
  ["Sun, 29 Nov 2026 10:01:00 GMT", 60_000],
  ["Sun, 29 Nov 2026 09:00:00 GMT", 0],
  ["86400", RETRY_AFTER_MS_MAX],
  ["soon", undefined],
  [null, undefined],
])("Retry-After %j is %j ms", (header, ms) => {
  expect(retryAfterMs(header, NOW_MS)).toBe(ms);
});
