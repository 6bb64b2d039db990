import { PLAIN } from "../dress.js";
import type { PlannedRequest, Surroundings } from "../planned-request.js";

interface Malformed {
  readonly what: string;
  readonly status: number | readonly number[];
  text(around: Surroundings): string;
}

const HOST = "Host: localhost\r\n";

/** Requests that are not HTTP or that can be read in two ways. They are refused, and the connection ends. */
const MALFORMED: readonly Malformed[] = [
  { what: "no HTTP", status: 400, text: () => "hello\r\n\r\n" },
  { what: "TLS", status: 400, text: () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" },
  { what: "a version that is none", status: 400, text: () => `GET /healthz HTTP/9.9\r\n${HOST}\r\n` },
  { what: "a method that is none", status: 400, text: () => `BREW /healthz HTTP/1.1\r\n${HOST}\r\n` },
  { what: "no Host", status: 400, text: () => "GET /healthz HTTP/1.1\r\n\r\n" },
  { what: "two Hosts", status: 400, text: () => `GET /healthz HTTP/1.1\r\n${HOST}Host: other\r\n\r\n` },
  { what: "a header without a name", status: 400, text: () => `GET /healthz HTTP/1.1\r\n${HOST}: x\r\n\r\n` },
  {
    what: "a blank before a colon",
    status: 400,
    text: () => `GET /healthz HTTP/1.1\r\n${HOST}A : x\r\n\r\n`,
  },
  { what: "a control character", status: 400, text: () => `GET /healthz HTTP/1.1\r\n${HOST}A: \x01\r\n\r\n` },
  {
    what: "a bare carriage return",
    status: 400,
    text: () => `GET /healthz HTTP/1.1\r\n${HOST}A: x\ry\r\n\r\n`,
  },
  {
    what: "a header flood",
    status: 431,
    text: () => `GET /healthz HTTP/1.1\r\n${HOST}${"A: value\r\n".repeat(3000)}\r\n`,
  },
  {
    what: "a path that is too long",
    status: 431,
    text: () => `GET /${"y".repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`,
  },
  put("two lengths", 400, "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
  put("a length that is none", 400, "Content-Length: many\r\n\r\n"),
  put("a negative length", 400, "Content-Length: -1\r\n\r\n"),
  put("a length and chunks", 400, "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
  put("chunks within chunks", 400, "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
  put("a coding that is none", [400, 501], "Transfer-Encoding: identity\r\n\r\n"),
  put("a chunk of no size", 400, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n"),
  put("a chunk that is too long", 400, "Transfer-Encoding: chunked\r\n\r\n5\r\nhello!!\r\n0\r\n\r\n"),
  put(
    "chunk extensions without end",
    413,
    `Transfer-Encoding: chunked\r\n\r\n1;${"e".repeat(20_000)}\r\nx\r\n0\r\n\r\n`,
  ),
];

export const malformedRequests: readonly (() => PlannedRequest)[] = MALFORMED.map(
  ({ what, status, text }) =>
    () => ({
      label: `malformed: ${what}`,
      dress: PLAIN,
      waits: false,
      mayEnd: true,
      content: (around) => ({ method: "GET", path: "", raw: Buffer.from(text(around), "latin1") }),
      execute: () => ({ status, closes: "always" }),
    }),
);

/** A write that must not happen. The final check of the keys would find its key. */
function put(what: string, status: Malformed["status"], rest: string): Malformed {
  const text = ({ binding, prefix, tokens }: Surroundings) =>
    `PUT ${binding}/${encodeURIComponent(`${prefix}torn`)} HTTP/1.1\r\n${HOST}` +
    `Authorization: Bearer ${tokens.write}\r\n${rest}`;
  return { what, status, text };
}
