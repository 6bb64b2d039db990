import { expect, test } from "vitest";
import { REQUEST_WINDOW_MS, WINDOW_REQUESTS_MAX } from "./limits.js";
import { RequestWindow } from "./request-window.js";

test("a window lets through what Cloudflare allows, and then waits for the oldest request to leave it", () => {
  const window = new RequestWindow();
  const sentMs: number[] = [];
  let nowMs = 1_000_000;
  for (let at = 0; at < 3 * WINDOW_REQUESTS_MAX; at++) {
    nowMs += window.waitMs(nowMs);
    window.count(nowMs);
    sentMs.push(nowMs);
    // Requests take some time, and not all of them the same.
    nowMs += at % 3;
  }
  const busiest = Math.max(
    ...sentMs.map((from, at) => sentMs.slice(at).findIndex((ms) => ms >= from + REQUEST_WINDOW_MS)),
  );
  expect(busiest).toBe(WINDOW_REQUESTS_MAX);
  expect(sentMs[WINDOW_REQUESTS_MAX - 1]).toBeLessThan(1_000_000 + 2 * WINDOW_REQUESTS_MAX);
  expect(sentMs[WINDOW_REQUESTS_MAX]).toBe(1_000_000 + REQUEST_WINDOW_MS);
});
