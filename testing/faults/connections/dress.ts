import type { Random } from "../../harness/random.js";
import { CHUNKS_MAX } from "./limits.js";
import type { Content, Surroundings } from "./planned-request.js";

/** The form of a request on the wire, which must not change its meaning. */
export interface Dress {
  readonly headers: readonly string[];
  /** The sizes of the chunks of its body, in turn. `null` for a body of known length. */
  readonly chunks: readonly number[] | null;
  readonly chunkExtension: string;
  readonly trailer: boolean;
  /** Whether the body is sent only when the server asks for it. */
  readonly expects: boolean;
  /** Whether the request line contains the whole URL. */
  readonly absolute: boolean;
  readonly lowerCase: boolean;
  /** Whether an empty line comes before the request, which servers ignore. */
  readonly blankLine: boolean;
  /** Whether it is the last request of its connection, and how it says so. */
  readonly last: "no" | "HTTP/1.0" | "Connection: close";
}

/** The form that the reader of plain requests accepts. */
export const PLAIN: Dress = {
  headers: [],
  chunks: null,
  chunkExtension: "",
  trailer: false,
  expects: false,
  absolute: false,
  lowerCase: false,
  blankLine: false,
  last: "no",
};

/** Headers without an effect. Each of the first list hands a request to Node's server. */
const NOT_PLAIN = ["TE: trailers", "TE: x", "Proxy-Connection: keep-alive", "Upgrade: h2c", "Trailer: X-Sum"];
const HARMLESS = [
  "Connection: keep-alive",
  "User-Agent: fuzz",
  "Accept: */*",
  "Accept-Encoding: gzip, deflate, br",
  `Cookie: ${"c=1; ".repeat(30)}c=2`,
  "X-Empty:",
  "X-Latin: \xe9\xff",
  "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
  "Range: bytes=0-1",
];

/** @param strange The probability that the reader of plain requests does not accept the request. */
export function dressFor(random: Random, { strange, hasBody }: { strange: number; hasBody: boolean }): Dress {
  const headers = HARMLESS.filter(() => random.chance(0.1));
  const dress = { ...PLAIN, headers, lowerCase: random.chance(0.2) };
  if (!random.chance(strange)) return dress;
  if (random.chance(0.3)) headers.push(random.pick(NOT_PLAIN));
  if (random.chance(0.05)) for (let at = 0; at < 80; at++) headers.push(`X-Many-${at}: ${at}`);
  if (random.chance(0.05)) headers.push(`X-Long: ${"l".repeat(random.pick([7000, 9000, 12_000]))}`);
  const isChunked = hasBody && random.chance(0.4);
  const last = random.chance(0.005) ? random.pick(["HTTP/1.0", "Connection: close"] as const) : "no";
  return {
    ...dress,
    chunks: isChunked ? random.pick([[1], [1, 2, 3], [10, 1000], [65_536], [7, 70_000]]) : null,
    chunkExtension: random.pick(["", "", ";a=b", ";name", ';quoted="x;y"']),
    trailer: isChunked && random.chance(0.3),
    // HTTP/1.0 does not have it.
    expects: hasBody && last !== "HTTP/1.0" && random.chance(0.15),
    absolute: random.chance(0.15),
    blankLine: random.chance(0.1),
    last,
  };
}

/** The head and body as sent. */
export function dressed(
  { method, path, headers = [], body, token = "write", raw }: Content,
  { dress, around }: { readonly dress: Dress; readonly around: Surroundings },
): { readonly head: Buffer; readonly body: Buffer } {
  if (raw !== undefined) return { head: raw, body: Buffer.alloc(0) };
  // HTTP/1.0 has no chunks.
  const chunks = dress.last === "HTTP/1.0" ? null : dress.chunks;
  const lines: string[] = [`Host: ${around.host}`];
  if (token !== null) lines.push(`Authorization: Bearer ${around.tokens[token]}`);
  lines.push(...headers.map((pair) => pair.join(": ")));
  // The last request of a connection does not ask to keep it alive.
  lines.push(...dress.headers.filter((line) => dress.last === "no" || !line.endsWith("keep-alive")));
  if (dress.last === "Connection: close") lines.push("Connection: close");
  if (chunks !== null) lines.push("Transfer-Encoding: chunked");
  else if (body !== undefined) lines.push(`Content-Length: ${body.byteLength}`);
  if (asksFirst(dress, body)) lines.push("Expect: 100-continue");
  const cased = dress.lowerCase
    ? lines.map((line) => line.replace(/^[^:]*/, (name) => name.toLowerCase()))
    : lines;
  const target = dress.absolute ? `http://${around.host}${path}` : path;
  const version = dress.last === "HTTP/1.0" ? "HTTP/1.0" : "HTTP/1.1";
  const head = `${dress.blankLine ? "\r\n" : ""}${method} ${target} ${version}\r\n${cased.join("\r\n")}\r\n\r\n`;
  return {
    head: Buffer.from(head, "latin1"),
    body: chunks === null ? (body ?? Buffer.alloc(0)) : chunked(body ?? Buffer.alloc(0), chunks, dress),
  };
}

/** Whether the body is sent only when the server asks for it. */
export function asksFirst({ expects }: Dress, body: Buffer | undefined): boolean {
  return expects && body !== undefined && body.byteLength > 0;
}

function chunked(body: Buffer, sizes: readonly number[], { chunkExtension, trailer }: Dress): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0, turn = 0; at < body.byteLength; turn++) {
    const size = turn < CHUNKS_MAX ? (sizes[turn % sizes.length] as number) : body.byteLength;
    const part = body.subarray(at, at + size);
    parts.push(
      Buffer.from(`${part.byteLength.toString(16)}${chunkExtension}\r\n`),
      part,
      Buffer.from("\r\n"),
    );
    at += part.byteLength;
  }
  parts.push(Buffer.from(`0${chunkExtension}\r\n${trailer ? "X-Sum: 1\r\n" : ""}\r\n`));
  return Buffer.concat(parts);
}
