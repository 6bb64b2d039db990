import {
  DIRECT_HEAD_BYTES_MAX,
  DIRECT_HEADERS_KEPT_BYTES_MAX,
  DIRECT_HEADERS_MAX,
  ONE_PIECE_BYTES_MAX,
} from "../limits.js";
import type { RequestHead } from "../request.js";

/** The headers of a request. Most clients repeat them exactly in each request. */
export interface PlainHeaders {
  /** The text as received, from the end of the request line to the empty line. */
  readonly text: string;
  readonly rawHeaders: readonly string[];
  readonly headers: RequestHead["headers"];
  readonly bodyBytes: number;
}

/** The head of a plain request. */
export interface PlainHead extends RequestHead {
  readonly method: string;
  readonly url: string;
  readonly fields: PlainHeaders;
  /** The offset in the text at which the head ends. */
  readonly end: number;
}

// The targets that llhttp accepts in its strict mode, limited to those with a leading slash and without a
// fragment.
const REQUEST_LINE = /(GET|PUT|POST|DELETE|HEAD) (\/[!"$-~]*) HTTP\/1\.1(?=\r\n)/y;
const HEADER =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): *((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)$/;
export const BLANK_LINE = "\r\n\r\n";
const BEGINNINGS = ["GET /", "PUT /", "POST /", "DELETE /", "HEAD /"];
/** The part of a head that {@link beginsPlain} needs, in characters. */
export const PLAIN_BEGINNING_LENGTH = Math.max(...BEGINNINGS.map(({ length }) => length));
/** Never part of a plain head: a control character, or half of a line break. */
const FORBIDDEN = /[^\t\r\n\x20-\x7e\x80-\xff]|\r[^\n]|[^\r]\n/;

/**
 * Reads the head of a request that begins at `start`. Returns `null` if it is not plain or not complete.
 *
 * A plain head has only one possible reading: HTTP/1.1, one of five methods, a path as target, each header
 * only once, on one line and of allowed characters, a `Host`, a body of a known and small length, and nothing
 * that changes how the connection is used.
 *
 * `known` are the headers of the previous request. Comparing with them costs a tenth of reading them.
 */
export function readPlainHead(text: string, start: number, known: PlainHeaders | null): PlainHead | null {
  REQUEST_LINE.lastIndex = start;
  const line = REQUEST_LINE.exec(text);
  if (line === null) return null;
  const at = REQUEST_LINE.lastIndex;
  const fields = known !== null && text.startsWith(known.text, at) ? known : readHeaders(text, at);
  if (fields === null) return null;
  const end = at + fields.text.length;
  if (end - start > DIRECT_HEAD_BYTES_MAX) return null;
  return {
    method: line[1] as string,
    url: line[2] as string,
    rawHeaders: fields.rawHeaders,
    headers: fields.headers,
    fields,
    end,
  };
}

/** Whether the headers are small enough to keep for each of many connections. */
export function areWorthKeeping({ text }: PlainHeaders): boolean {
  return text.length <= DIRECT_HEADERS_KEPT_BYTES_MAX;
}

/** Whether a head that begins like this can be plain. */
export function beginsPlain(text: string): boolean {
  return BEGINNINGS.some((line) => text.startsWith(line) || line.startsWith(text));
}

/** Whether a part of a head, cut anywhere, contains something that no plain head does. */
export function hasForbiddenByte(text: string): boolean {
  return FORBIDDEN.test(text);
}

function readHeaders(text: string, start: number): PlainHeaders | null {
  const last = text.indexOf(BLANK_LINE, start);
  if (last === -1) return null;
  const rawHeaders: string[] = [];
  const headers: Record<string, string> = Object.create(null);
  // Copied, because a slice of a string keeps the whole string in memory.
  const block = copyOf(text.slice(start, last + BLANK_LINE.length));
  const lines = block.split("\r\n");
  // The split gives one empty string before the first line and two after the last.
  if (lines.length - 3 > DIRECT_HEADERS_MAX) return null;
  for (let index = 1; index < lines.length - 2; index++) {
    const match = HEADER.exec(lines[index] as string);
    if (match === null) return null;
    const [, name = "", value = ""] = match;
    const lower = name.toLowerCase();
    if (lower in headers || !isPlain(lower, value)) return null;
    headers[lower] = value;
    rawHeaders.push(name, value);
  }
  if (headers["host"] === undefined) return null;
  return { text: block, rawHeaders, headers, bodyBytes: Number(headers["content-length"] ?? "0") };
}

/** Whether a header leaves no doubt about the length of the request and the use of the connection. */
function isPlain(name: string, value: string): boolean {
  switch (name) {
    case "connection":
      return value.toLowerCase() === "keep-alive";
    case "content-length":
      return /^\d{1,6}$/.test(value) && Number(value) <= ONE_PIECE_BYTES_MAX;
    case "expect":
    case "proxy-connection":
    case "te":
    case "trailer":
    case "transfer-encoding":
    case "upgrade":
      return false;
    default:
      return true;
  }
}

function copyOf(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
