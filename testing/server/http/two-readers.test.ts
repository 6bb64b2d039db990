import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openApi, type TestApi } from "../../harness/api.js";

// A request is read directly from the socket or by Node's HTTP server, as a whole or in pieces. One table
// holds for all of them: the statuses of the responses, whether the connection continues, and what is stored.

interface Case {
  /** `{key}` is replaced by the path of a key without a value. */
  readonly sent: string;
  /** The client ends its side but still reads. */
  readonly halfClose?: true;
  readonly answers: readonly number[];
  /** @default false */
  readonly goesOn?: true;
  /** @default null: nothing */
  readonly stored?: string;
  /** The server waits for more bytes, in vain. */
  readonly isSlow?: true;
}

const HOST = "Host: localhost\r\n";
const put = (headers: string, body: string) => `PUT {key} HTTP/1.1\r\n${HOST}${headers}\r\n${body}`;
const get = (headers: string) => `GET /healthz HTTP/1.1\r\n${headers}\r\n`;

const CASES: Readonly<Record<string, Case>> = {
  // Host
  "two hosts": { sent: get(`${HOST}Host: localhost\r\n`), answers: [400] },
  "two hosts before a body": { sent: put("host: other\r\nContent-Length: 1\r\n", "x"), answers: [400] },
  "no host": { sent: get("X: 1\r\n"), answers: [400] },
  "no headers at all": { sent: "GET /healthz HTTP/1.1\r\n\r\n", answers: [400] },
  "a foreign host": { sent: get("Host: kvasir.example\r\n"), answers: [403], goesOn: true },

  // A client that sends no more
  "half-close after a GET": { sent: get(HOST), halfClose: true, answers: [200] },
  "half-close after a PUT": {
    sent: put("Content-Length: 1\r\n", "x"),
    halfClose: true,
    answers: [200],
    stored: "x",
  },
  "half-close after chunks": {
    sent: put("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n\r\n"),
    halfClose: true,
    answers: [200],
    stored: "x",
  },
  "half-close after two requests": {
    sent: put("Content-Length: 1\r\n", "x") + get(HOST),
    halfClose: true,
    answers: [200, 200],
    stored: "x",
  },
  "half-close in a body": { sent: put("Content-Length: 9\r\n", "x"), halfClose: true, answers: [400] },
  "half-close in chunks": {
    sent: put("Transfer-Encoding: chunked\r\n", "5\r\nhel"),
    halfClose: true,
    answers: [400],
  },
  "half-close in a request line": { sent: "GET /heal", halfClose: true, answers: [400] },
  "half-close in a header": { sent: `GET /healthz HTTP/1.1\r\n${HOST}X: 1`, halfClose: true, answers: [400] },
  "half-close in the empty line": {
    sent: `GET /healthz HTTP/1.1\r\n${HOST}\r`,
    halfClose: true,
    answers: [400],
  },
  "half-close in the second request": { sent: `${get(HOST)}GET /he`, halfClose: true, answers: [200, 400] },
  "half-close before anything": { sent: "", halfClose: true, answers: [] },

  // The length of a body
  "the same length twice": { sent: put("Content-Length: 1\r\nContent-Length: 1\r\n", "x"), answers: [400] },
  "two lengths": { sent: put("Content-Length: 1\r\nContent-Length: 2\r\n", "xy"), answers: [400] },
  "a length that is a list": { sent: put("Content-Length: 1, 1\r\n", "x"), answers: [400] },
  "a length with a plus": { sent: put("Content-Length: +1\r\n", "x"), answers: [400] },
  "a negative length": { sent: put("Content-Length: -1\r\n", "x"), answers: [400] },
  "a hexadecimal length": { sent: put("Content-Length: 0x1\r\n", "x"), answers: [400] },
  "an empty length": { sent: put("Content-Length:\r\n", "x"), answers: [400] },
  "a length with spaces around it": {
    sent: put("Content-Length:   1  \r\n", "x"),
    answers: [200],
    goesOn: true,
    stored: "x",
  },
  "a length with zeros": {
    sent: put("Content-Length: 0001\r\n", "x"),
    answers: [200],
    goesOn: true,
    stored: "x",
  },
  "a length with a space inside": { sent: put("Content-Length: 1 1\r\n", "x"), answers: [400] },
  "a length beyond all bounds": { sent: put(`Content-Length: ${"9".repeat(30)}\r\n`, "x"), answers: [400] },
  "no length and no body": { sent: put("", ""), answers: [200], goesOn: true, stored: "" },
  "a length and chunks": {
    sent: put("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n\r\n"),
    answers: [400],
  },
  "chunks with a trailer": {
    sent: put("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n1\r\n\n\r\n0\r\nX: 1\r\n\r\n"),
    answers: [200],
    goesOn: true,
    stored: "x\n",
  },
  "chunks that look like their end": {
    sent: put(
      "Transfer-Encoding: chunked\r\n",
      "9\r\n\n0\r\n\r\n\n0\n\r\n8;a=b\r\nGET / \r\n\r\n000\r\n\r\n",
    ),
    answers: [200],
    goesOn: true,
    stored: "\n0\r\n\r\n\n0\nGET / \r\n",
  },
  "chunks with empty lines in them": {
    sent: put("Transfer-Encoding: chunked\r\n", `fa0\r\n${"\n".repeat(4000)}\r\n0\r\n\r\n`),
    answers: [200],
    goesOn: true,
    stored: "\n".repeat(4000),
  },
  "another transfer encoding": { sent: put("Transfer-Encoding: gzip\r\n", "x"), answers: [400] },
  "a body that nobody wants": {
    sent: `GET /healthz HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nGET /`,
    answers: [200],
    goesOn: true,
  },
  "a body with a method that takes none": {
    sent: `DELETE {key} HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\n\r\n\r`,
    answers: [200],
    goesOn: true,
  },
  "a refused body": {
    sent: `PUT /nowhere HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`,
    answers: [404],
    goesOn: true,
  },
  "refused chunks": {
    sent: `PUT /nowhere HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    answers: [404],
    goesOn: true,
  },

  // Permission to send a body
  "a wait for leave": {
    sent: put("Expect: 100-continue\r\nContent-Length: 1\r\n", "x"),
    answers: [100, 200],
    goesOn: true,
    stored: "x",
  },
  "a wait for leave that is refused": {
    sent: put("Expect: 100-continue\r\nContent-Length: 26214401\r\n", ""),
    answers: [413],
  },
  "a wait for something else": {
    sent: put("Expect: miracles\r\nContent-Length: 1\r\n", "x"),
    answers: [417],
    goesOn: true,
  },

  // Lines
  "empty lines before a request": { sent: `\r\n\r\n${get(HOST)}`, answers: [200], goesOn: true },
  "many empty lines": {
    sent: `${get(HOST)}${"\r\n".repeat(1000)}${get(HOST)}`,
    answers: [200, 200],
    goesOn: true,
  },
  "an empty line between requests": {
    sent: `${get(HOST)}\r\n${get(HOST)}`,
    answers: [200, 200],
    goesOn: true,
  },
  "an empty line after a body": {
    sent: `${put("Content-Length: 1\r\n", "x")}\r\n${get(HOST)}`,
    answers: [200, 200],
    goesOn: true,
    stored: "x",
  },
  "bare line feeds": { sent: `GET /healthz HTTP/1.1\nHost: localhost\n\n`, answers: [400] },
  "a bare line feed in a header": { sent: get(`${HOST}X: 1\nY: 2\r\n`), answers: [400] },
  "a bare carriage return in a header": { sent: get(`${HOST}X: 1\r2\r\n`), answers: [400] },
  "a header over two lines": { sent: get(`${HOST}X: 1\r\n 2\r\n`), answers: [400] },
  "a space before the colon": { sent: get(`${HOST}X : 1\r\n`), answers: [400] },
  "a header without a name": { sent: get(`${HOST}: 1\r\n`), answers: [400] },
  "a header without a colon": { sent: get(`${HOST}X\r\n`), answers: [400] },
  "an empty header": { sent: get(`${HOST}X:\r\nY: \r\n`), answers: [200], goesOn: true },
  "a zero byte in a header": { sent: get(`${HOST}X: \0\r\n`), answers: [400] },
  "a control character in a header": { sent: get(`${HOST}X: \x01\r\n`), answers: [400] },
  "a delete character in a header": { sent: get(`${HOST}X: \x7f\r\n`), answers: [400] },
  "a tab in a header": { sent: get(`${HOST}X: a\tb\r\n`), answers: [200], goesOn: true },
  "bytes above ASCII in a header": { sent: get(`${HOST}X: \xc3\xa9\r\n`), answers: [200], goesOn: true },
  "a zero byte in the target": { sent: `GET /\0 HTTP/1.1\r\n${HOST}\r\n`, answers: [400] },

  // Request lines
  "a whole URL": {
    sent: `GET http://localhost/healthz HTTP/1.1\r\n${HOST}\r\n`,
    answers: [200],
    goesOn: true,
  },
  "an asterisk": { sent: `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, answers: [404], goesOn: true },
  "two spaces": { sent: `GET  /healthz HTTP/1.1\r\n${HOST}\r\n`, answers: [200], goesOn: true },
  "a method in lower case": { sent: `get /healthz HTTP/1.1\r\n${HOST}\r\n`, answers: [400] },
  "a method that nobody knows": { sent: `BREW /healthz HTTP/1.1\r\n${HOST}\r\n`, answers: [400] },
  "a method that is not served": {
    sent: `PATCH {key} HTTP/1.1\r\n${HOST}\r\n`,
    answers: [405],
    goesOn: true,
  },
  "a method that asks which are": {
    sent: `OPTIONS {key} HTTP/1.1\r\n${HOST}\r\n`,
    answers: [204],
    goesOn: true,
  },
  "a tunnel": { sent: `CONNECT other.example:443 HTTP/1.1\r\n${HOST}\r\n`, answers: [405] },
  "a version that is none": { sent: `GET /healthz HTTP/1.11\r\n${HOST}\r\n`, answers: [400] },
  "a later version": { sent: `GET /healthz HTTP/2.0\r\n${HOST}\r\n`, answers: [400] },
  "HTTP/1.0": { sent: `GET /healthz HTTP/1.0\r\n${HOST}\r\n`, answers: [200] },
  "HTTP/1.0 without a host": { sent: "GET /healthz HTTP/1.0\r\n\r\n", answers: [200] },
  "HTTP/1.0 that goes on": {
    sent: `GET /healthz HTTP/1.0\r\n${HOST}Connection: keep-alive\r\n\r\n`,
    answers: [200],
    goesOn: true,
  },
  "no HTTP": { sent: "hello\r\n\r\n", answers: [400] },
  TLS: { sent: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", answers: [400] },

  // The end of the connection
  "a connection that ends": { sent: get(`${HOST}Connection: close\r\n`), answers: [200] },
  "a connection that ends in any case": { sent: get(`${HOST}connection: Close\r\n`), answers: [200] },
  "a connection that is kept": {
    sent: get(`${HOST}Connection: Keep-Alive\r\n`),
    answers: [200],
    goesOn: true,
  },
  "an upgrade": {
    sent: get(`${HOST}Connection: Upgrade\r\nUpgrade: h2c\r\n`),
    answers: [200],
    goesOn: true,
  },
  "an upgrade with a body": {
    sent: put("Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n", "x"),
    answers: [200],
    goesOn: true,
    stored: "x",
  },

  // Sizes
  "a header of 9,000 bytes": { sent: get(`${HOST}X: ${"y".repeat(9000)}\r\n`), answers: [200], goesOn: true },
  "a header of 20,000 bytes": { sent: get(`${HOST}X: ${"y".repeat(20_000)}\r\n`), answers: [431] },
  "a target of 9,000 bytes": {
    sent: `GET /${"y".repeat(9000)} HTTP/1.1\r\n${HOST}\r\n`,
    answers: [404],
    goesOn: true,
  },
  "a target of 20,000 bytes": { sent: `GET /${"y".repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, answers: [431] },
  "100 headers": {
    sent: get(HOST + Array.from({ length: 100 }, (_, at) => `X${at}: 1\r\n`).join("")),
    answers: [200],
    goesOn: true,
  },
  "a head that never ends": {
    sent: `GET /healthz HTTP/1.1\r\n${HOST}X: 1\r\n`,
    answers: [408],
    isSlow: true,
  },
  "a body that never comes": { sent: put("Content-Length: 9999\r\n", "x"), answers: [408], isSlow: true },

  "a refused body that never comes": {
    sent: `PUT /nowhere HTTP/1.1\r\n${HOST}Content-Length: 9999\r\n\r\nx`,
    answers: [404],
    isSlow: true,
  },
  "a body that nobody wants and that never comes": {
    sent: get(`${HOST}Content-Length: 9999\r\n`),
    answers: [200],
    isSlow: true,
  },

  // Order
  "a read after each write": {
    sent: `${put("Content-Length: 1\r\n", "x")}GET {key} HTTP/1.1\r\n${HOST}\r\nDELETE {key} HTTP/1.1\r\n${HOST}\r\nGET {key} HTTP/1.1\r\n${HOST}\r\n`,
    answers: [200, 200, 200, 404],
    goesOn: true,
  },
  "garbage after a write": {
    sent: `${put("Content-Length: 1\r\n", "x")}garbage\r\n\r\n`,
    answers: [200, 400],
    stored: "x",
  },
};

const PROBE = `GET /openapi.json HTTP/1.1\r\n${HOST}\r\n`;
const TO_NODE = `GET /healthz HTTP/1.1\r\n${HOST}TE: trailers\r\n\r\n`;

/** How the connection was used before, and into how many pieces the bytes are cut. */
const WAYS = [
  { name: "read from the socket", first: "", pieces: 1 },
  { name: "read from the socket, in pieces", first: "", pieces: 200 },
  { name: "read by Node's server", first: TO_NODE, pieces: 1 },
  { name: "read by Node's server, in pieces", first: TO_NODE, pieces: 200 },
] as const;

async function outcome(api: TestApi, { sent, halfClose, isSlow }: Case, way: (typeof WAYS)[number]) {
  const key = `key-${randomUUID()}`;
  const socket = connect({ port: api.server.port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  const received = new Received(socket);
  if (way.first !== "") {
    socket.write(way.first);
    await received.until((text) => text.includes('"status":"ok"'));
  }
  const start = received.text.length;
  const probe = halfClose || isSlow ? "" : PROBE;
  await writeInPieces(socket, sent.replaceAll("{key}", `${api.binding}/${key}`) + probe, way.pieces);
  if (halfClose) socket.end();
  await received.until((text) => text.includes('"openapi"'));
  socket.destroy();
  const text = received.text.slice(start);
  const goesOn = text.includes('"openapi"');
  const answers = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  if (goesOn) answers.pop();
  const stored = await api.database.namespaceById(api.namespaceId).get(key);
  return { answers, goesOn, stored };
}

class Received {
  text = "";
  #isClosed = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.text += text;
    });
    socket.on("error", () => {});
    const close = () => {
      this.#isClosed = true;
      socket.emit("changed");
    };
    socket.on("end", close).on("close", close);
    socket.on("data", () => socket.emit("changed"));
  }

  /** Waits until `wanted` accepts the text, or the server ends the connection. */
  async until(wanted: (text: string) => boolean): Promise<void> {
    while (!this.#isClosed && !wanted(this.text)) await once(this.#socket, "changed");
  }
}

async function writeInPieces(socket: Socket, text: string, pieces: number): Promise<void> {
  const bytes = Buffer.from(text, "latin1");
  const length = Math.max(1, Math.ceil(bytes.byteLength / pieces));
  for (let at = 0; at < bytes.byteLength && socket.writable; at += length) {
    socket.write(bytes.subarray(at, at + length));
    await new Promise(setImmediate);
  }
}

describe("a request is answered alike, whoever reads it, and however it is cut", () => {
  let patient: TestApi;
  let hasty: TestApi;
  beforeAll(async () => {
    patient = await openApi();
    hasty = await openApi({
      limits: { headersTimeoutMs: 100, requestTimeoutMs: 100, timeoutCheckIntervalMs: 20 },
    });
  });
  afterAll(() => Promise.all([patient.stop(), hasty.stop()]));

  it.each(Object.entries(CASES))("%s", async (_, each) => {
    const { answers, goesOn = false, stored = null, isSlow = false } = each;
    const expected = Object.fromEntries(WAYS.map(({ name }) => [name, { answers, goesOn, stored }]));
    const outcomes = WAYS.map(async (way) => [way.name, await outcome(isSlow ? hasty : patient, each, way)]);
    expect(Object.fromEntries(await Promise.all(outcomes))).toEqual(expected);
  });
});
