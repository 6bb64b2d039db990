import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { EventStreams, type ServerSentEvent } from "./event-stream.js";
import type { Exchange } from "./exchange.js";
import { EVENT_STREAMS_MAX } from "./limits.js";

test("a connection that was closed before the response began ends the source of its events", async () => {
  const answer = new PassThrough();
  answer.destroy();
  await once(answer, "close");
  const exchange = { request: { method: "GET" }, begin: () => answer } as unknown as Exchange;
  const streams = new EventStreams({ heartbeatIntervalMs: 60_000, checkStillAllowed() {} });
  await streams.send(exchange, ({ signal }) => untilAborted(signal));
  expect(streams.size).toBe(0);
});

test("streams are bounded in number, and one that ends makes room", async () => {
  const streams = new EventStreams({ heartbeatIntervalMs: 60_000, checkStillAllowed() {} });
  const answers: PassThrough[] = [];
  const open = () => {
    const answer = new PassThrough();
    answers.push(answer);
    const exchange = { request: { method: "GET" }, begin: () => answer } as unknown as Exchange;
    return streams.send(exchange, ({ signal }) => untilAborted(signal));
  };
  const running = Array.from({ length: EVENT_STREAMS_MAX }, open);
  await expect(open()).rejects.toThrow(`There are ${EVENT_STREAMS_MAX} watches already`);
  answers[0]?.destroy();
  await running[0];
  expect(streams.size).toBe(EVENT_STREAMS_MAX - 1);
  running.push(open());
  streams.close();
  await Promise.all(running);
});

async function* untilAborted(signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
  if (!signal.aborted) await once(signal, "abort");
  yield { id: "last" };
}
