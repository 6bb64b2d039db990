import { expect, test } from "vitest";
import { IN_FLIGHT_MAX, IN_FLIGHT_START, REQUEST_WINDOW_MS, WINDOW_REQUESTS_MAX } from "./limits.js";
import { RequestGate } from "./request-gate.js";

/** Time that passes only while the gate waits. */
function waitingTimer() {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    async sleep(ms: number) {
      nowMs += ms;
    },
    advance(ms: number) {
      nowMs += ms;
    },
  };
}

test("sends more at once while requests are fast, and half as much after it was throttled", async () => {
  const timer = waitingTimer();
  const pauses: number[] = [];
  const gate = new RequestGate({ timer, limited: false, onPause: (ms) => pauses.push(ms) });
  expect(gate.limit).toBe(IN_FLIGHT_START);
  let inFlight = 0;
  let most = 0;
  const request = async () => {
    most = Math.max(most, ++inFlight);
    await Promise.resolve();
    timer.advance(10);
    inFlight--;
  };
  await Promise.all(Array.from({ length: 200 }, () => gate.run(request)));
  expect([gate.limit, most]).toEqual([IN_FLIGHT_MAX, IN_FLIGHT_MAX]);
  gate.throttle(5_000);
  gate.throttle(4_000);
  expect(gate.limit).toBe(IN_FLIGHT_MAX / 2);
  await gate.run(request);
  expect(pauses).toEqual([5_000]);
});

test("does not send more at once when requests become slow", async () => {
  const timer = waitingTimer();
  const gate = new RequestGate({ timer, limited: false });
  await gate.run(async () => timer.advance(10));
  const { limit } = gate;
  for (let at = 0; at < 10; at++) await gate.run(async () => timer.advance(1_000));
  expect(gate.limit).toBe(limit);
});

test("stays within the requests that Cloudflare allows, if it is told to", async () => {
  const timer = waitingTimer();
  const gate = new RequestGate({ timer, limited: true });
  await Promise.all(Array.from({ length: WINDOW_REQUESTS_MAX }, () => gate.run(async () => {})));
  expect(timer.nowMs()).toBe(0);
  await gate.run(async () => {});
  expect(timer.nowMs()).toBe(REQUEST_WINDOW_MS);
});

test("gives its turn to the next request when one is aborted while it waits", async () => {
  const gate = new RequestGate({ timer: waitingTimer(), limited: false });
  const stopped = new AbortController();
  let finish = () => {};
  const first = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const running = [gate.run(() => first), gate.run(() => first)];
  const aborted = gate.run(async () => "never", stopped.signal);
  const next = gate.run(async () => "next");
  stopped.abort(new Error("stopped"));
  finish();
  await Promise.all(running);
  await expect(aborted).rejects.toThrow("stopped");
  expect(await next).toBe("next");
});
