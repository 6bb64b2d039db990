import { expect, it } from "vitest";
import { lineLevel } from "./line-level.js";

it.each([
  ["ERROR:root:an error", "error"],
  ["WARNING:shop.cart:text", "warn"],
  ["DEBUG:urllib3.connectionpool:text", "debug"],
  ["2026-11-29 10:36:00,123 INFO started", "info"],
  ["2026-11-29 10:36:00,123 shop ERROR failed", "error"],
  ["2026-11-29T10:36:00.123Z [WARN] late", "warn"],
  ["2026/11/29 10:36:00 ERROR failed user=7", "error"],
  ["2026/11/29 10:36:00 an ordinary line of Go's log", undefined],
  ["ERROR:    Exception in ASGI application", "error"],
  ["[CRITICAL] text", "error"],
  ['time=2026-11-29T10:36:00.000Z level=WARN msg="text"', "warn"],
  ['{"time":"2026-11-29T10:36:00Z","level":"ERROR","msg":"text"}', "error"],
  ['{"severity": "warning", "message": "text"}', "warn"],
  ['{"level":50,"msg":"text"}', undefined],
  ["Error: of a program", undefined],
  ["GET /level=ERROR", undefined],
  ["NOTE: this", undefined],
  ["", undefined],
])("%s is %s", (line, level) => {
  expect(lineLevel(line)).toBe(level);
});
