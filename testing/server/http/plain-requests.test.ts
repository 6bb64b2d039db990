import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { bearer, startApi, type TestApi } from "../../harness/api.js";
import { Random } from "../../harness/random.js";
import { sendRaw } from "../../harness/raw.js";
import { operationsOf, requestFor } from "../operations.js";

// Plain requests are read directly from the socket, all others by Node's HTTP server. Clients must see no
// difference.

/** Makes Node's server read a request, and changes nothing else. */
const NOT_PLAIN = "TE: trailers\r\n";

/** The operations whose responses always differ: durations, a new token, and a stream without an end. */
const NEVER_THE_SAME = new Set(["metrics", "createToken", "events"]);

function rawRequest(
  api: TestApi,
  {
    method,
    path,
    headers = {},
    body = "",
  }: { method: string; path: string; headers?: object; body?: string },
): string {
  const lines = Object.entries({ Host: `127.0.0.1:${api.server.port}`, ...headers });
  const length = body === "" ? "" : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\n${lines.map((line) => `${line.join(": ")}\r\n`).join("")}${length}\r\n${body}`;
}

function notPlain(request: string): string {
  return request.replace("\r\n", `\r\n${NOT_PLAIN}`);
}

/** Removes what may differ: the order of headers, the chunks of the body, times, versions, ids. */
function comparable(answer: string): string {
  const [head = "", ...body] = dechunked(answer).split("\r\n\r\n");
  const [status = "", ...headers] = head.split("\r\n");
  const text = body.join("\r\n\r\n");
  const shown = text.length > 2000 ? `${createHash("sha256").update(text).digest("hex")}` : text;
  return [status, ...headers.sort(), "", shown]
    .join("\r\n")
    .replace(/Date: [^\r]*/, "Date: …")
    .replace(/"\d+"/g, '"…"')
    .replace(/("version"|"(?:created|modified)_(?:on|at)"):[^,}]*/g, "$1:…")
    .replace(/[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}/g, "…");
}

/** Two servers may cut a body into different chunks. */
function dechunked(answer: string): string {
  if (!/Transfer-Encoding: chunked/.test(answer)) return answer;
  const start = answer.indexOf("\r\n\r\n") + 4;
  let body = "";
  for (let at = start; ; ) {
    const line = answer.indexOf("\r\n", at);
    const length = Number.parseInt(answer.slice(at, line), 16);
    if (!(length > 0)) return answer.slice(0, start) + body;
    body += answer.slice(line + 2, line + 2 + length);
    at = line + 2 + length + 2;
  }
}

/** Sends requests at once or in pieces, and resolves with all responses. */
async function answersTo(api: TestApi, parts: readonly string[], count: number): Promise<string[]> {
  const socket = connect({ port: api.server.port, host: "127.0.0.1", noDelay: true });
  const reader = new AnswerReader(socket);
  for (const part of parts) {
    socket.write(Buffer.from(part, "latin1"));
    await new Promise(setImmediate);
  }
  const answers: string[] = [];
  while (answers.length < count) answers.push(await reader.next());
  socket.destroy();
  return answers;
}

/** Splits the bytes from a server into responses. */
class AnswerReader {
  readonly #socket: Socket;
  #text = "";

  constructor(socket: Socket) {
    this.#socket = socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#text += text;
    });
  }

  async next(): Promise<string> {
    for (;;) {
      const length = this.#lengthOfFirst();
      if (length !== null) {
        const answer = this.#text.slice(0, length);
        this.#text = this.#text.slice(length);
        return answer;
      }
      await once(this.#socket, "data");
    }
  }

  #lengthOfFirst(): number | null {
    const head = this.#text.indexOf("\r\n\r\n") + 4;
    if (head < 4) return null;
    const length = Number(/\r\nContent-Length: (\d+)/.exec(this.#text.slice(0, head))?.[1] ?? 0);
    return this.#text.length < head + length ? null : head + length;
  }
}

describe("a plain request is answered as Node's server would", () => {
  it("on every operation, with and without leave", async () => {
    // Two servers, because requests change what is stored.
    const start = async () => {
      const api = await startApi({ auth: { mode: "tokens", adminToken: "secret" } });
      await api.database.namespaceById(api.namespaceId).put("key", "välue", { metadata: { a: "ü" } });
      return api;
    };
    const [plain, other] = await Promise.all([start(), start()]);
    for (const operation of await operationsOf(plain)) {
      if (NEVER_THE_SAME.has(operation.operationId)) continue;
      for (const headers of [{}, bearer("wrong"), bearer("secret")]) {
        const requestTo = (api: TestApi) => {
          const { path, init } = requestFor(operation, api);
          const body = typeof init.body === "string" ? init.body : "";
          return rawRequest(api, { method: operation.method, path, headers, body });
        };
        const expected = comparable(await wholeAnswer(other, notPlain(requestTo(other))));
        const answer = comparable(await wholeAnswer(plain, requestTo(plain)));
        expect(answer, `${operation.operationId} ${JSON.stringify(headers)}`).toBe(expected);
      }
    }
  });

  it.each([
    ["a value", "GET", "{ns}/key", ""],
    ["the head of a value", "HEAD", "{ns}/key", ""],
    ["a large value", "GET", "{ns}/large", ""],
    ["the head of a large value", "HEAD", "{ns}/large", ""],
    ["a list with values", "GET", "{ns}/?values=true", ""],
    ["the head of a list with values", "HEAD", "{ns}/?values=true", ""],
    ["a key that is not there", "GET", "{ns}/none", ""],
    ["a route that is not there", "GET", "/nowhere", ""],
    ["a method that is not there", "POST", "{ns}/key", "x"],
    ["a body that nobody wants", "GET", "{ns}/key", "some body"],
    ["a value that is refused", "PUT", "{ns}/key?expiration_ttl=1", "x"],
    ["a key with a bad encoding", "GET", "{ns}/%zz", ""],
  ])("%s", async (_, method, path, body) => {
    const api = await startApi();
    const namespace = api.database.namespaceById(api.namespaceId);
    await namespace.put("key", "välue", { metadata: { a: "ü" }, expirationTtl: 60 });
    await namespace.put("large", new Uint8Array(300_000).fill(120));
    const request = rawRequest(api, { method, path: path.replace("{ns}", api.binding), body });
    const seen = async (text: string) => comparable(await wholeAnswer(api, text));
    expect(await seen(request)).toBe(await seen(notPlain(request)));
  });

  it("says 304 to who knows the version", async () => {
    const api = await startApi();
    await api.database.namespaceById(api.namespaceId).put("key", "value");
    const etag = (await api.fetch(`${api.binding}/key`)).headers.get("etag") ?? "";
    const headers = { "If-None-Match": etag };
    const request = rawRequest(api, { method: "GET", path: `${api.binding}/key`, headers });
    const answer = await wholeAnswer(api, request);
    expect(answer).toMatch(/^HTTP\/1\.1 304 /);
    expect(comparable(answer)).toBe(comparable(await wholeAnswer(api, notPlain(request))));
  });
});

/**
 * The one response to a request, and nothing after it. A second request on the connection shows where it
 * ends.
 */
async function wholeAnswer(api: TestApi, request: string): Promise<string> {
  const last = rawRequest(api, { method: "GET", path: "/healthz?last", headers: { "X-Last": "1" } });
  const socket = connect(api.server.port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  socket.write(Buffer.from(request + last, "latin1"));
  const end = /HTTP\/1\.1 200 OK\r\n(?:(?!\r\n\r\n)[\s\S])*\r\n\r\n(?:ok|\{"status":"ok"[^}]*\})\n?$/;
  while (!end.test(text)) await once(socket, "data");
  socket.destroy();
  return text.replace(end, "");
}

describe("requests that follow each other on one connection", () => {
  it("are answered in their order, however they are cut, and whoever reads them", async () => {
    const api = await startApi();
    const namespace = api.database.namespaceById(api.namespaceId);
    const lengths = [1, 100, 8000, 30_000];
    for (const length of lengths) await namespace.put(`stored-${length}`, "s".repeat(length));
    const seed = 4711;
    const random = new Random(seed);
    for (let round = 0; round < 40; round++) {
      const requests: string[] = [];
      const expected: string[] = [];
      for (let index = 0; index < 12; index++) {
        const length = random.pick(lengths);
        const writes = random.chance(0.5);
        const request = writes
          ? { method: "PUT", path: `${api.binding}/new-${round}-${index}`, body: "n".repeat(length) }
          : { method: "GET", path: `${api.binding}/stored-${length}` };
        // Late in the round, so that plain ones come first: a connection that has been handed over stays so.
        const text = rawRequest(api, request);
        requests.push(index > 8 && random.chance(0.3) ? notPlain(text) : text);
        expected.push(writes ? "ok" : "s".repeat(length));
      }
      const answers = await answersTo(api, cut(requests.join(""), random), requests.length);
      const got = answers.map((answer) => answer.slice(answer.indexOf("\r\n\r\n") + 4));
      const wrong = got.findIndex((body, at) =>
        expected[at] === "ok" ? !/^\{"ok":true,"version":\d+\}$/.test(body) : body !== expected[at],
      );
      expect(wrong, `seed ${seed}, round ${round}: ${answers[wrong]?.slice(0, 300)}`).toBe(-1);
    }
  });

  it("wait while their client does not read, and hold no memory meanwhile", async () => {
    const api = await startApi();
    await api.database.namespaceById(api.namespaceId).put("key", new Uint8Array(200_000).fill(120));
    const request = rawRequest(api, { method: "GET", path: `${api.binding}/key` });
    const socket = connect(api.server.port, "127.0.0.1").pause();
    const count = 500;
    const before = process.memoryUsage().arrayBuffers;
    for (let sent = 0; sent < count; sent++) socket.write(request);
    // Another client is served meanwhile. By then the server could have read the first client's requests.
    for (let turn = 0; turn < 20; turn++) expect((await api.fetch("/healthz")).status).toBe(200);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(30_000_000);
    let bytes = 0;
    socket.on("data", (part: Buffer) => {
      bytes += part.byteLength;
    });
    socket.resume();
    while (bytes < count * 200_000) await once(socket, "data");
    socket.destroy();
  });
});

function cut(text: string, random: Random): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const length = random.pick([1, 2, 50, 1000, 20_000]);
    parts.push(text.slice(at, at + length));
    at += length;
  }
  return parts;
}

describe("a client that sends no more", () => {
  it.each(["PUT", "GET"])("still gets the answer to its %s", async (method) => {
    const api = await startApi();
    await api.database.namespaceById(api.namespaceId).put("key", new Uint8Array(2_000_000));
    const socket = connect({ port: api.server.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end(
      rawRequest(api, { method, path: `${api.binding}/key`, body: method === "PUT" ? "value" : "" }),
    );
    const parts = (await socket.toArray()) as Buffer[];
    const answer = Buffer.concat(parts);
    expect(answer.toString("latin1", 0, 15)).toBe("HTTP/1.1 200 OK");
    if (method === "GET") expect(answer.byteLength).toBeGreaterThan(2_000_000);
  });

  it("in the middle of a body leaves nothing", async () => {
    const api = await startApi();
    const head = `PUT ${api.binding}/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf`;
    const socket = connect({ port: api.server.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end(head);
    expect(String(Buffer.concat((await socket.toArray()) as Buffer[]))).toMatch(/^HTTP\/1\.1 400 /);
    expect(await api.database.namespaceById(api.namespaceId).get("key")).toBeNull();
  });

  it("or too slowly, leaves nothing", async () => {
    const api = await startApi({
      limits: { headersTimeoutMs: 100, requestTimeoutMs: 100, timeoutCheckIntervalMs: 20 },
    });
    const head = `PUT ${api.binding}/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf`;
    expect((await sendRaw(api.server.port, [head])).status).toBe(408);
    expect(await api.database.namespaceById(api.namespaceId).get("key")).toBeNull();
  });
});

it("a watch ends with a client that sends no more, either way", async () => {
  const api = await startApi();
  const request = rawRequest(api, { method: "GET", path: `${api.binding}/?watch=true` });
  for (const text of [request, notPlain(request)]) {
    const socket = connect({ port: api.server.port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("error", () => {});
    socket.write(text);
    await once(socket, "data");
    const closed = once(socket, "close");
    socket.resume();
    socket.end();
    await closed;
  }
});

it("a write under way when the server is closed is answered, and ends its connection", async () => {
  const api = await startApi();
  const socket = connect(api.server.port, "127.0.0.1");
  const answered = socket.toArray();
  await once(socket, "connect");
  socket.write(rawRequest(api, { method: "PUT", path: `${api.binding}/key`, body: "value" }));
  while ((await api.database.namespaceById(api.namespaceId).get("key")) === null) {
    await new Promise(setImmediate);
  }
  await api.server.close();
  expect(String(Buffer.concat((await answered) as Buffer[]))).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});
