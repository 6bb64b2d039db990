import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { EventStreams, type ServerSentEvent } from "./event-stream.js";
import type { Exchange } from "./exchange.js";

test("a connection that was closed before the response began ends the source of its events", async () => {
  const answer = new PassThrough();
  answer.destroy();
  await once(answer, "close");
  const exchange = { request: { method: "GET" }, begin: () => answer } as unknown as Exchange;
  const streams = new EventStreams({ heartbeatIntervalMs: 60_000, checkStillAllowed() {} });
  await streams.send(exchange, ({ signal }) => untilAborted(signal));
  expect(streams.size).toBe(0);
});

async function* untilAborted(signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
  if (!signal.aborted) await once(signal, "abort");
  yield { id: "last" };
}
