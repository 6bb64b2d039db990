import { expect, it } from "vitest";
import type { KvasirEvent } from "../events/events.js";
import { logLine } from "./log-line.js";

const NOW_MS = Date.UTC(2026, 10, 29, 10, 30, 5, 7);
const REQUEST = { event: "request", request: "a-1", method: "GET", path: "/", status: 200, ms: 1 } as const;

it("has the time in UTC with milliseconds, the level, and whole milliseconds", () => {
  expect(logLine({ ...REQUEST, path: "/a?b", ms: 5.239954000000125, bytes: 3 }, NOW_MS)).toBe(
    '{"event":"request","time":"2026-11-29T10:30:05.007Z","level":"info","request":"a-1","method":"GET",' +
      '"path":"/a?b","status":200,"ms":5,"bytes":3}',
  );
});

it.each<[KvasirEvent, string]>([
  [{ event: "ready", api: "http://x", ms: 1 }, "info"],
  [{ event: "log", level: "debug", message: "m" }, "debug"],
  [{ event: "error", message: "m" }, "error"],
  [{ ...REQUEST, status: 302 }, "info"],
  [{ ...REQUEST, status: 404 }, "warn"],
  [{ ...REQUEST, status: 503 }, "error"],
])("%j has the level %s", (event, level) => {
  expect(JSON.parse(logLine(event, NOW_MS))).toMatchObject({ level });
});

it("is one line of harmless characters, whatever a client or a function wrote", () => {
  const message = "a\nb\r\u001b[2J\u0085\u009b31m\u007f\u2028\u2029\u202e\u2066";
  const line = logLine({ event: "log", level: "info", message }, NOW_MS);
  expect(line).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(line)).toMatchObject({ message });
});
