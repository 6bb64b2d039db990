import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startApi, type TestApi } from "../../harness/api.js";
import { sendRaw } from "../../harness/raw.js";

let api: TestApi;
beforeEach(async () => {
  api = await startApi({
    limits: { requestTimeoutMs: 300, headersTimeoutMs: 200, timeoutCheckIntervalMs: 50 },
  });
  await api.database.namespaceById(api.namespaceId).put("kept", "as it was");
});
// Whatever was sent, the server still runs and has kept its data.
afterEach(async () => {
  expect(await (await api.fetch(`${api.binding}/kept`)).text()).toBe("as it was");
});

const HOST = "Host: localhost\r\n";

describe("what is no request is answered plainly and ends its connection", () => {
  it.each([
    ["no HTTP at all", "hello\r\n\r\n", 400],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
    ["a version that is none", `GET / HTTP/9.9\r\n${HOST}\r\n`, 400],
    ["no Host", "GET /healthz HTTP/1.1\r\n\r\n", 400],
    ["a header without a name", `GET /healthz HTTP/1.1\r\n${HOST}: x\r\n\r\n`, 400],
    ["a control character in a header", `GET /healthz HTTP/1.1\r\n${HOST}X: a\x01b\r\n\r\n`, 400],
    ["two lengths", `PUT /x HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
    ["a length that is none", `PUT /x HTTP/1.1\r\n${HOST}Content-Length: many\r\n\r\n`, 400],
    ["a negative length", `PUT /x HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`, 400],
    [
      "a length and chunks",
      `PUT /x HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ["a flood of headers", `GET /healthz HTTP/1.1\r\n${HOST}${"X-Header: value\r\n".repeat(5000)}\r\n`, 431],
    ["a header that is too long", `GET /healthz HTTP/1.1\r\n${HOST}X: ${"y".repeat(20_000)}\r\n\r\n`, 431],
    ["a path that is too long", `GET /${"y".repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 431],
  ])("%s", async (_, request, status) => {
    const answer = await sendRaw(api.server.port, [Buffer.from(request, "latin1")]);
    expect(answer.status).toBe(status);
  });

  it("a chunk whose size is no number leaves nothing", async () => {
    const head = `PUT ${api.binding}/torn HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`;
    const answer = await sendRaw(api.server.port, [head, "5\r\nhello\r\n", "zz\r\nworld\r\n0\r\n\r\n"]);
    expect(answer.status).toBe(400);
    expect((await api.fetch(`${api.binding}/torn`)).status).toBe(404);
  });

  it("headers that take too long", async () => {
    const answer = await sendRaw(api.server.port, [`GET /healthz HTTP/1.1\r\n${HOST}X: `]);
    expect(answer.status).toBe(408);
  });

  it("a body that takes too long leaves nothing", async () => {
    const head = `PUT ${api.binding}/slow HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\nslow`;
    const answer = await sendRaw(api.server.port, [head]);
    expect(answer.status).toBe(408);
    expect((await api.fetch(`${api.binding}/slow`)).status).toBe(404);
  });

  it("an import may take longer, as long as it keeps coming", async () => {
    const socket = connect(api.server.port, "127.0.0.1");
    let text = "";
    socket.on("data", (bytes) => (text += String(bytes)));
    const ended = once(socket, "close");
    const part = (line: string) => socket.write(`${line.length.toString(16)}\r\n${line}\r\n`);
    socket.write(
      `POST ${api.binding}/bulk/import HTTP/1.1\r\n${HOST}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    part('{"key":"first","value":"1"}\n');
    // A request that began later is refused, so the import has taken longer than others may.
    const head = `PUT ${api.binding}/slow HTTP/1.1\r\n${HOST}Content-Length: 100000\r\n\r\nslow`;
    expect((await sendRaw(api.server.port, [head])).status).toBe(408);
    part('{"key":"second","value":"2"}\n');
    socket.write("0\r\n\r\n");
    await ended;
    expect(text).toMatch(/^HTTP\/1\.1 200 .*"entries":2,/s);
  });
});

describe("a client that goes away in the middle of an upload leaves nothing", () => {
  it.each([
    ["small", 1000, {}],
    ["large", 10_000_000, {}],
    ["multipart", 10_000_000, { "Content-Type": "multipart/form-data; boundary=x" }],
  ])("%s", async (name, length, headers) => {
    const target = `${name === "multipart" ? `${api.cloudflare}/values` : api.binding}/gone`;
    const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}\r\n`);
    const head = `PUT ${target} HTTP/1.1\r\n${HOST}${lines.join("")}Content-Length: ${length}\r\n\r\n`;
    const socket = connect(api.server.port, "127.0.0.1");
    await new Promise<void>((resolve) => socket.write(head + "x".repeat(length / 2), () => resolve()));
    socket.resetAndDestroy();
    expect((await api.fetch(`${api.binding}/gone`)).status).toBe(404);
    const { keys } = await api.database.namespaceById(api.namespaceId).list();
    expect(keys.map((key) => key.name)).toEqual(["kept"]);
  });
});

describe("Expect: 100-continue", () => {
  const head = (path: string, length: number) =>
    `PUT ${path} HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;

  it("lets a client send what is wanted", async () => {
    const answer = await sendRaw(
      api.server.port,
      [head(`${api.binding}/big`, 100_000), "x".repeat(100_000)],
      {
        until: /HTTP\/1\.1 200 OK/,
      },
    );
    expect(answer.status).toBe(100);
    expect(await (await api.fetch(`${api.binding}/big`)).text()).toHaveLength(100_000);
  });

  it("spares a client what is refused", async () => {
    const answer = await sendRaw(api.server.port, [head(`${api.binding}/big`, 26_214_401)]);
    expect(answer.status).toBe(413);
    expect(answer.reason).toBe("Value length of 26214401 exceeds limit of 26214400.");
    expect(answer.text).toMatch(/Connection: close/i);
  });

  it("refuses another expectation", async () => {
    const answer = await sendRaw(api.server.port, [
      `PUT ${api.binding}/x HTTP/1.1\r\n${HOST}Expect: miracles\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`,
    ]);
    expect(answer.status).toBe(417);
  });
});

describe("a connection on which nothing moves is cut", () => {
  it.each([
    ["a body that stops coming", "PUT", "Content-Length: 100000\r\n"],
    ["an answer that nobody reads", "GET", ""],
  ])("%s", async (_, method, header) => {
    const quick = await startApi({ limits: { socketIdleTimeoutMs: 100, timeoutCheckIntervalMs: 20 } });
    await quick.database.namespaceById(quick.namespaceId).put("key", new Uint8Array(26_214_400));
    const socket = connect(quick.server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`${method} ${quick.binding}/key HTTP/1.1\r\n${HOST}${header}\r\n`);
    await once(socket, "connect");
    // The client reads nothing, so only the server can end this. It reads afterwards what the kernel holds by
    // then.
    const connections = async () =>
      Number(/^kvasir_http_connections (\d+)$/m.exec(await (await quick.fetch("/metrics")).text())?.[1]);
    await vi.waitFor(async () => expect(await connections()).toBe(1), { timeout: 5000 });
    socket.destroy();
  });
});
