/**
 * Faults tolerated here: clients that announce or send large bodies and stall, that send bodies in parts of
 * one byte, or that request much and read nothing. None of them keeps others waiting for long, and the memory
 * that all of them make the server hold is bounded.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { startApi } from "../harness/api.js";
import { serve } from "../harness/kvasir-process.js";
import { type PlainAnswer, sendPlain } from "../harness/raw.js";
import { type RunningApi, TOKEN } from "../harness/running-api.js";
import { temporaryDirectory } from "../harness/temporary-directory.js";

const MIB = 1_048_576;
/** How long an expected event may take, in milliseconds. */
const WAIT_MS = 20_000;
const ACCOUNT = `/client/v4/accounts/${"0".repeat(32)}/storage/kv/namespaces`;

/** A socket that reads only when the test says so. */
function open(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}).pause();
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Resolves when the bytes have left this process. */
async function send(socket: Socket, bytes: string | Uint8Array): Promise<void> {
  if (!socket.write(bytes)) await once(socket, "drain");
}

/** Everything that arrives until the connection ends. */
async function textOf(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket.setEncoding("latin1")) text += chunk;
  return text;
}

interface Server {
  fetch(path: string): Promise<Response>;
}

/** The bytes that requests hold. */
function heldBy(api: Server): Promise<number> {
  return figure(api, "kvasir_http_buffered_bytes");
}

async function figure(api: Server, name: string): Promise<number> {
  const text = await (await api.fetch("/metrics")).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

function head(method: string, path: string, headers: Record<string, string | number> = {}): string {
  const lines = Object.entries({ Host: "localhost", Authorization: `Bearer ${TOKEN}`, ...headers });
  return `${method} ${path} HTTP/1.1\r\n${lines.map((line) => `${line.join(": ")}\r\n`).join("")}\r\n`;
}

function pairs(bytes: number): string {
  return JSON.stringify([{ key: "large", value: "v".repeat(bytes) }]);
}

test("two uploads that stall at their start keep nobody waiting", async () => {
  const api = await startApi({ limits: { bufferWaitMs: 60_000 } });
  const path = `${api.cloudflare}/bulk`;
  for (let upload = 0; upload < 2; upload++) {
    await send(
      open(api.server.port),
      `${head("PUT", path, { "Content-Length": 90_000_000 })}[{"key":"k","value":`,
    );
  }
  const response = await api.fetch(path, { method: "PUT", body: pairs(2 * MIB) });
  expect(response.status).toBe(200);
});

test.each([
  [
    "of a form, Cloudflare",
    (ns: string) => `${ACCOUNT}/${ns}/values/k`,
    "multipart/form-data; boundary=b",
    '"code":10503',
  ],
  [
    "of a value, binding",
    (ns: string) => `/binding/${ns}/k`,
    "application/octet-stream",
    '"code":"request_timeout"',
  ],
  [
    "of a value, Telnyx",
    (ns: string) => `/v2/storage/kvs/${ns}/keys/k`,
    "text/plain",
    '"title":"Request timeout"',
  ],
])("an upload %s that holds memory and stalls gives way to others", async (_, pathOf, type, shape) => {
  const api = await startApi({ limits: { bufferedBytesMax: 400_000, stallMs: 50 } });
  const stalled = open(api.server.port);
  let answer = "";
  stalled.setEncoding("latin1").on("data", (chunk) => {
    answer += chunk;
  });
  stalled.resume();
  const body = `--b\r\nContent-Disposition: form-data; name="value"\r\n\r\n${"v".repeat(400_000)}`;
  const headers = { "Content-Length": MIB, "Content-Type": type };
  await send(stalled, head("PUT", pathOf(api.namespaceId), headers) + body);
  await vi.waitFor(async () => expect(await heldBy(api)).toBeGreaterThan(300_000), WAIT_MS);
  let isClosed = false;
  stalled.once("close", () => {
    isClosed = true;
  });
  // Others may be so quick that nobody waits for as long as a stall takes. More of them then do.
  while (!isClosed) {
    const others = Array.from({ length: 10 }, () =>
      api.fetch(`${api.cloudflare}/bulk`, { method: "PUT", body: pairs(300_000) }),
    );
    for (const other of others) expect((await other).status).toBe(200);
  }
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(answer).toContain("Connection: close\r\n");
  expect(answer).toContain(shape);
  expect(await figure(api, "kvasir_http_gave_way_total")).toBe(1);
  expect(await heldBy(api)).toBe(0);
});

test("small bodies that arrive after their heads are charged as they grow, and give way as well", async () => {
  const api = await startApi({ limits: { bufferedBytesMax: 400_000, stallMs: 50 } });
  // One more than there is room for, because the last one may exceed the limit.
  const uploads = Array.from({ length: 11 }, () => open(api.server.port));
  for (const upload of uploads)
    await send(upload, head("PUT", `${api.binding}/k`, { "Content-Length": 65_536 }));
  for (const upload of uploads) await send(upload, "v".repeat(40_000));
  await vi.waitFor(async () => expect(await heldBy(api)).toBe(11 * 40_000), WAIT_MS);
  const other = await api.fetch(`${api.binding}/k`, { method: "PUT", body: "v".repeat(100_000) });
  expect(other.status).toBe(200);
  const answers = uploads.map((upload) => textOf(upload));
  for (const upload of uploads) upload.end();
  const statuses = (await Promise.all(answers)).map((text) => /^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
  expect(new Set(statuses)).toEqual(new Set(["400", "408"]));
});

test("values that stream to disk are charged for what each of them holds on the way, no more", async () => {
  const api = await startApi();
  const uploads = Array.from({ length: 10 }, (_, upload) => ({ upload, socket: open(api.server.port) }));
  for (const { upload, socket } of uploads) {
    await send(socket, head("PUT", `${api.binding}/k${upload}`, { "Transfer-Encoding": "chunked" }));
    await send(socket, `${(8 * MIB).toString(16)}\r\n`);
    await send(socket, Buffer.alloc(8 * MIB));
  }
  await vi.waitFor(async () => {
    const held = await heldBy(api);
    expect(held).toBe(10 * 1_310_720);
  }, WAIT_MS);
});

/** A `serve` of one process with a heap of `heapMb` MB. */
async function serveWithHeap(
  heapMb: number,
): Promise<{ api: RunningApi; port: number; ns: string; running: () => boolean }> {
  const through = ["env", `NODE_OPTIONS=--max-old-space-size=${heapMb}`];
  const server = serve(temporaryDirectory(), ["--workers", "1"], { through });
  onTestFinished(() => server.kill());
  const api = await server.ready();
  const ns = await api.createNamespace("memory");
  return { api, ns, port: Number(new URL(api.url).port), running: () => server.isRunning };
}

test("bodies in chunks of one byte hold about what arrived", async () => {
  const { api, ns, port } = await serveWithHeap(64);
  const paths = [`/binding/${ns}/k`, `${ACCOUNT}/${ns}/bulk`];
  const chunks = `1\r\n${" "}\r\n`.repeat(20_000);
  for (let upload = 0; upload < 50; upload++) {
    const socket = open(port);
    await send(socket, head("PUT", paths[upload % 2] as string, { "Transfer-Encoding": "chunked" }));
    await send(socket, chunks);
  }
  await vi.waitFor(async () => {
    const held = await heldBy(api);
    expect(held).toBe(50 * 20_000);
  }, WAIT_MS);
});

test("60 clients that ask for pages of large values and read nothing", async () => {
  const { api, ns, port } = await serveWithHeap(256);
  for (let key = 0; key < 5; key++) {
    await api.fetch(`/binding/${ns}/k${key}`, { method: "PUT", body: Buffer.alloc(5 * MIB, "v") });
  }
  const rss = () => figure(api, "process_resident_memory_bytes");
  const before = await rss();
  const readers = Array.from({ length: 60 }, () => open(port));
  for (const reader of readers) {
    await send(reader, head("GET", `/binding/${ns}/?values=true`));
    await once(reader, "readable");
  }
  expect((await rss()) - before).toBeLessThan(100 * MIB);
  const held = await heldBy(api);
  expect(held).toBeGreaterThan(50 * MIB);
  expect(held).toBeLessThan(134_217_728);
  // Others are served meanwhile, and a client that begins to read gets the whole page.
  const page = await sendPlain(port, {
    method: "GET",
    path: `/binding/${ns}/?values=true`,
    headers: { Authorization: `Bearer ${TOKEN}` },
  });
  const { keys } = JSON.parse(page.body.toString()) as { keys: { value: string }[] };
  expect(keys.map(({ value }) => value.length)).toEqual(Array(5).fill(5 * MIB));
});

test("a commit of millions of empty objects is refused before it is parsed", async () => {
  const { api, ns, port } = await serveWithHeap(256);
  const body = `{"checks":[${"{},".repeat(12_000_000)}{}]}`;
  const answer: PlainAnswer = await sendPlain(port, {
    method: "POST",
    path: `/binding/${ns}/bulk/atomic`,
    headers: { Authorization: `Bearer ${TOKEN}` },
    body,
  });
  expect(answer.status).toBe(400);
  expect(answer.body.toString()).toContain("too many parts");
  expect((await api.fetch("/healthz")).status).toBe(200);
});
