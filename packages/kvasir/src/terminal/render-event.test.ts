import { expect, test } from "vitest";
import type { KvasirEvent } from "../events/events.js";
import { colorsFor } from "./colors.js";
import { renderEvent } from "./render-event.js";

const plain = colorsFor({ isTTY: false }, {});
const render = (event: KvasirEvent) => renderEvent(event, plain);

test("ready is one line for each address, then the time it took", () => {
  const ready = { event: "ready", api: "http://127.0.0.1:8788", ms: 123.4 } as const;
  expect(render(ready)).toBe("api http://127.0.0.1:8788\nready in 123 ms");
  expect(render({ ...ready, functions: "http://127.0.0.1:8787" })).toBe(
    "functions http://127.0.0.1:8787\napi http://127.0.0.1:8788\nready in 123 ms",
  );
});

test("a request names who answered, how and how fast", () => {
  const request = {
    event: "request",
    request: "a-1",
    method: "GET",
    path: "/a?b=c",
    status: 200,
    ms: 3.0812,
  } as const;
  expect(render(request)).toBe("[api] 200 GET /a?b=c 3.1 ms");
  expect(render({ ...request, function: "shop", ms: 12.6 })).toBe("[shop] 200 GET /a?b=c 13 ms");
});

test("a path cannot steer the terminal", () => {
  const path = "/\u001b[2J\u0007\u009b1m";
  const line = render({ event: "request", request: "a-1", method: "GET", path, status: 404, ms: 1 });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters must not occur in the line
  expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});

test("an error shows its message once, then the frames and what to do", () => {
  const stack = "Error: it broke\n    at fetch (src/index.ts:3:9)\n    at run (src/run.ts:1:1)";
  expect(render({ event: "error", function: "shop", message: "it broke", stack, hint: "Mend it." })).toBe(
    "[shop] error it broke\n  at fetch (src/index.ts:3:9)\n  at run (src/run.ts:1:1)\n  Mend it.",
  );
});

test("an error shows the code around its place under the message", () => {
  const excerpt = "> 1 | throw new Error()\n    |       ^";
  const stack = "Error: it broke\n    at a.ts:1:7";
  expect(render({ event: "error", message: "it broke", stack, excerpt })).toBe(
    "error it broke\n  > 1 | throw new Error()\n      |       ^\n  at a.ts:1:7",
  );
});

test.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: false }, {}, false],
  [{ isTTY: true }, { NO_COLOR: "1" }, false],
  [{ isTTY: true }, { TERM: "dumb" }, false],
  [{ isTTY: false }, { CI: "true" }, false],
  [{ isTTY: false }, { FORCE_COLOR: "1" }, true],
  [{ isTTY: true }, { FORCE_COLOR: "0" }, false],
])("on %j with %j colours are %s", (stream, env, colored) => {
  expect(colorsFor(stream, env).isColorSupported).toBe(colored);
});
