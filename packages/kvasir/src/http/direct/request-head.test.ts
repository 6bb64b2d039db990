import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../../../../testing/harness/random.js";
import { readPlainHead } from "./request-head.js";

const HOST = "Host: localhost\r\n";

describe("a plain request", () => {
  it.each([
    ["a read", `GET /binding/ns/key HTTP/1.1\r\n${HOST}\r\n`],
    ["a query", `GET /keys?prefix=a%20b&limit=10 HTTP/1.1\r\n${HOST}\r\n`],
    ["a small body", `PUT /key HTTP/1.1\r\n${HOST}Content-Length: 65536\r\n\r\n`],
    ["bytes above ASCII in a header", `GET / HTTP/1.1\r\n${HOST}CF-KV-Metadata: "caf\xc3\xa9"\r\n\r\n`],
    ["an empty header", `GET / HTTP/1.1\r\n${HOST}X:\r\nY: \r\n\r\n`],
    ["keep-alive in any case", `GET / HTTP/1.1\r\n${HOST}Connection: Keep-Alive\r\n\r\n`],
  ])("%s", (_, text) => {
    expect(readPlainHead(text, 0, null)?.end).toBe(text.length);
  });

  it("tells names as they were sent, and values by lower-case name", () => {
    const head = readPlainHead('DELETE /a?b HTTP/1.1\r\nHost: x\r\nIf-Match:  "7"\r\n\r\nrest', 0, null);
    expect(head).toMatchObject({
      method: "DELETE",
      url: "/a?b",
      rawHeaders: ["Host", "x", "If-Match", '"7"'],
      headers: { host: "x", "if-match": '"7"' },
    });
  });

  it("takes the headers that it knows, and no more than those", () => {
    const first = `GET /a HTTP/1.1\r\n${HOST}X: 1\r\n\r\n`;
    const known = readPlainHead(first, 0, null);
    const fields = known?.fields ?? null;
    expect(readPlainHead(first, 0, fields)?.fields).toBe(fields);
    const longer = readPlainHead(`GET /a HTTP/1.1\r\n${HOST}X: 1\r\nY: 2\r\n\r\n`, 0, fields);
    expect(longer?.headers).toEqual({ host: "localhost", x: "1", y: "2" });
    const other = readPlainHead(`GET /a HTTP/1.1\r\n${HOST}X: 2\r\n\r\n`, 0, fields);
    expect(other?.headers).toEqual({ host: "localhost", x: "2" });
  });

  it("begins where it is told", () => {
    const one = `GET /a HTTP/1.1\r\n${HOST}\r\n`;
    const two = `GET /b HTTP/1.1\r\n${HOST}\r\n`;
    expect(readPlainHead(one + two, one.length, null)).toMatchObject({ url: "/b", end: 2 * one.length });
  });
});

describe("no plain request", () => {
  it.each([
    ["half a head", `GET / HTTP/1.1\r\n${HOST}`],
    ["half a request line", "GET /"],
    ["another method", `PATCH / HTTP/1.1\r\n${HOST}\r\n`],
    ["a method in lower case", `get / HTTP/1.1\r\n${HOST}\r\n`],
    ["HTTP/1.0", `GET / HTTP/1.0\r\n${HOST}\r\n`],
    ["a version that is none", `GET / HTTP/1.11\r\n${HOST}\r\n`],
    ["a whole URL", `GET http://localhost/ HTTP/1.1\r\n${HOST}\r\n`],
    ["an asterisk", `GET * HTTP/1.1\r\n${HOST}\r\n`],
    ["a fragment", `GET /a#b HTTP/1.1\r\n${HOST}\r\n`],
    ["a control character in the target", `GET /\x01 HTTP/1.1\r\n${HOST}\r\n`],
    ["a byte above ASCII in the target", `GET /\xe9 HTTP/1.1\r\n${HOST}\r\n`],
    ["two spaces", `GET  / HTTP/1.1\r\n${HOST}\r\n`],
    ["an empty line before it", `\r\nGET / HTTP/1.1\r\n${HOST}\r\n`],
    ["no Host", "GET / HTTP/1.1\r\n\r\n"],
    ["a header twice", `GET / HTTP/1.1\r\n${HOST}X: 1\r\nx: 2\r\n\r\n`],
    ["a header over two lines", `GET / HTTP/1.1\r\n${HOST}X: 1\r\n 2\r\n\r\n`],
    ["a bare line feed", `GET / HTTP/1.1\r\n${HOST}X: 1\nY: 2\r\n\r\n`],
    ["a bare carriage return", `GET / HTTP/1.1\r\n${HOST}X: 1\r2\r\n\r\n`],
    ["a space before the colon", `GET / HTTP/1.1\r\n${HOST}X : 1\r\n\r\n`],
    ["a tab after the colon", `GET / HTTP/1.1\r\n${HOST}X:\t1\r\n\r\n`],
    ["a space after the value", `GET / HTTP/1.1\r\n${HOST}X: 1 \r\n\r\n`],
    ["a header without a name", `GET / HTTP/1.1\r\n${HOST}: 1\r\n\r\n`],
    ["a zero byte", `GET / HTTP/1.1\r\n${HOST}X: \0\r\n\r\n`],
    ["a connection that ends", `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`],
    ["an upgrade", `GET / HTTP/1.1\r\n${HOST}Upgrade: h2c\r\n\r\n`],
    ["a wait for leave", `PUT / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 1\r\n\r\n`],
    ["chunks", `PUT / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`],
    ["two lengths", `PUT / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`],
    ["a length that is a list", `PUT / HTTP/1.1\r\n${HOST}Content-Length: 1, 1\r\n\r\n`],
    ["a length with a sign", `PUT / HTTP/1.1\r\n${HOST}Content-Length: +1\r\n\r\n`],
    ["an empty length", `PUT / HTTP/1.1\r\n${HOST}Content-Length:\r\n\r\n`],
    ["a body that is long", `PUT / HTTP/1.1\r\n${HOST}Content-Length: 65537\r\n\r\n`],
    ["a long head", `GET /${"y".repeat(8192)} HTTP/1.1\r\n${HOST}\r\n`],
    [
      "many headers",
      `GET / HTTP/1.1\r\n${HOST}${Array.from({ length: 64 }, (_, at) => `X${at}: 1\r\n`).join("")}\r\n`,
    ],
  ])("%s", (_, text) => {
    expect(readPlainHead(text, 0, null)).toBeNull();
  });
});

describe("what Node's parser reads", () => {
  const server = createServer();
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it("is the same, of whatever is taken for plain", async () => {
    const seed = 20_261_128;
    const random = new Random(seed);
    let plain = 0;
    for (let round = 0; round < 4000; round++) {
      const text = mutated(random);
      const head = readPlainHead(text, 0, null);
      if (head === null) continue;
      plain++;
      const end = head.end + head.fields.bodyBytes;
      const seen = await seenByNode(text.slice(0, end));
      const told = { method: head.method, url: head.url, rawHeaders: head.rawHeaders };
      expect(told, `seed ${seed}, round ${round}: ${JSON.stringify(text)}`).toEqual(seen.line);
      expect({ ...head.headers }).toEqual({ ...seen.headers });
      expect(text.slice(head.end, end)).toBe(seen.body);
    }
    // Most are malformed, but enough are plain for the test to mean something.
    expect(plain).toBeGreaterThan(300);
  });

  /** How Node's own server reads the bytes. Use it only for what should be a single request. */
  function seenByNode(text: string) {
    return new Promise<{ line: object; headers: object; body: string }>((resolve, reject) => {
      const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
      const refused = (error: Error) =>
        reject(new Error(`Node refuses ${JSON.stringify(text)}`, { cause: error }));
      server.removeAllListeners();
      server.on("connection", CONNECTION);
      server.on("clientError", refused);
      server.once("request", async (request: IncomingMessage) => {
        const body = await request.setEncoding("latin1").toArray();
        const { method, url, rawHeaders, headers } = request;
        resolve({ line: { method, url, rawHeaders }, headers, body: body.join("") });
        socket.destroy();
      });
      socket.on("error", refused);
      socket.write(Buffer.from(text, "latin1"));
    });
  }
  // The function with which `createServer` handles a new connection.
  const CONNECTION = server.listeners("connection")[0] as (...args: unknown[]) => void;
});

const LINES = [
  "Accept: */*",
  "Authorization: Bearer kvasir_token",
  "Content-Length: 3",
  "Content-Length: 0",
  "Content-Type: text/plain; charset=utf-8",
  'CF-KV-Metadata: {"a":"\xc3\xa9"}',
  "Connection: keep-alive",
  "If-None-Match: *",
  "Kvasir-Namespace: 0123",
  "X-Empty:",
  "X-Spaces:    a  b",
] as const;
const SPOILERS = [
  "\r",
  "\n",
  "\r\n",
  " ",
  "\t",
  ":",
  "\0",
  "\x7f",
  "\x80",
  "\xff",
  "#",
  "%",
  ",",
  "a",
  "1",
  "\x0b",
];

/** A well-formed request, mostly with a few characters changed. */
function mutated(random: Random): string {
  const lines = ["Host: localhost", ...LINES.filter(() => random.chance(0.3))];
  const method = random.pick(["GET", "PUT", "POST", "DELETE", "HEAD"]);
  const target = random.pick(["/", "/a/b?c=%20d", "/client/v4/accounts/x", "/~!$&'()*+,;=:@{}|^`<>\"\\"]);
  let text = `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\nabc`;
  for (let changes = random.below(3); changes > 0; changes--) {
    const at = random.below(text.length);
    const removed = random.below(2);
    text = text.slice(0, at) + random.pick(SPOILERS) + text.slice(at + removed);
  }
  return text;
}
