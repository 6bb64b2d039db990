/**
 * Faults tolerated here: clients that send as many requests as they can without waiting for responses, and
 * read none of the responses or all of them. A server with a heap of 256 MiB holds a bounded part of them and
 * serves all other clients.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { type KvasirProcess, serve } from "../harness/kvasir-process.js";
import { type RunningApi, TOKEN } from "../harness/running-api.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

const HEAP_MB = 256;
/**
 * How much they may add to the server's memory, in bytes. Much less than a flood needs that is read
 * completely.
 */
const GROWTH_BYTES_MAX = 32 << 20;
/** How long a client sends as much as it can, in milliseconds. */
const FLOOD_MS = 4000;

async function start(): Promise<{ process: KvasirProcess; api: RunningApi }> {
  const through = ["env", `NODE_OPTIONS=--max-old-space-size=${HEAP_MB}`];
  const process = serve(temporaryDirectory(), [], { through });
  onTestFinished(() => process.kill());
  return { process, api: await process.ready() };
}

function connectTo(api: RunningApi): Socket {
  const { port } = new URL(api.url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** The memory of the server's program: objects, and buffers outside the heap. */
async function heldBytes(api: RunningApi): Promise<number> {
  const metrics = await (await api.fetch("/metrics")).text();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)?.[1]);
  return figure("nodejs_heap_size_used_bytes") + figure("nodejs_external_memory_bytes");
}

/** Counts the responses on a socket as they arrive. */
function countAnswers(socket: Socket): { count: number } {
  const answers = { count: 0 };
  let last = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    const whole = last + text;
    answers.count += whole.split("HTTP/1.1 200 OK\r\n").length - 1;
    // Keeps enough to find a status line that is split across parts, but not enough to count one twice.
    last = whole.slice(-16);
  });
  return answers;
}

test("answers that nobody reads are not made", async () => {
  const { process, api } = await start();
  const before = await heldBytes(api);
  const first = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nTE: x\r\n\r\n";
  const each = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const sockets = Array.from({ length: 20 }, () => connectTo(api).pause());
  for (const socket of sockets) socket.write(first + each.repeat(512));
  // Other clients are served meanwhile. By then the server could have read the flood's requests.
  for (let turn = 0; turn < 200; turn++) expect((await api.fetch("/healthz")).status).toBe(200);
  expect((await heldBytes(api)) - before).toBeLessThan(GROWTH_BYTES_MAX);
  // Clients that start to read get all of the responses.
  const reader = sockets[0] as Socket;
  const answers = countAnswers(reader.resume());
  while (answers.count < 513) await once(reader, "data");
  expect(process.isRunning, process.said).toBe(true);
});

test("requests wait in their client's socket for the answers before them", async () => {
  const { process, api } = await start();
  const id = await api.createNamespace("pipelined");
  const before = await heldBytes(api);
  const socket = connectTo(api);
  const answers = countAnswers(socket);
  const write = (key: number) =>
    `PUT /binding/${id}/key-${key} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n` +
    "Content-Length: 5\r\n\r\nvalue";
  let highest = 0;
  let sent = 0;
  // Sent as fast as the server reads for some seconds. A server that reads more than it responds to holds the
  // difference.
  const end = delay(FLOOD_MS).then(() => "end");
  while (sent < 60_000) {
    const text = Array.from({ length: 500 }, () => write(sent++)).join("");
    const goesOn = socket.write(text) || once(socket, "drain");
    if ((await Promise.race([goesOn, once(socket, "close"), end])) === "end") break;
    if (sent % 5000 === 0) highest = Math.max(highest, (await heldBytes(api)) - before);
  }
  highest = Math.max(highest, (await heldBytes(api)) - before);
  expect(highest, process.said).toBeLessThan(GROWTH_BYTES_MAX);
  expect(await (await api.fetch(`/binding/${id}/key-0`)).text()).toBe("value");
  expect(answers.count).toBeGreaterThan(0);
});
