import type { ResponseHead } from "../../transient/cache-policy.js";
import { CACHED_HEAD_BYTES_MAX } from "../../transient/limits.js";

/** A response as an HTTP message: status line, headers, an empty line, and the body as it is. */
export interface ResponseMessage extends ResponseHead {
  readonly body: AsyncIterable<Uint8Array>;
}

const STATUS_LINE = /^HTTP\/\d(?:\.\d)? (\d+)/;
const BLANK_LINE = "\r\n\r\n";

/**
 * Reads the head of a message. Returns `null` if it is none, or too long to store. The body is read from
 * `parts` as it is consumed. Consumers may stop early; then the rest is still in `parts`.
 */
export async function readMessage(parts: AsyncIterator<Uint8Array>): Promise<ResponseMessage | null> {
  let bytes = Buffer.alloc(0);
  let end = -1;
  while (end === -1) {
    const next = await parts.next();
    if (next.done === true || bytes.byteLength > CACHED_HEAD_BYTES_MAX) return null;
    const from = Math.max(0, bytes.byteLength - BLANK_LINE.length);
    bytes = bytes.byteLength === 0 ? Buffer.from(next.value) : Buffer.concat([bytes, next.value]);
    end = bytes.indexOf(BLANK_LINE, from, "latin1");
  }
  const head = parseHead(bytes.toString("latin1", 0, end));
  return head === null ? null : { ...head, body: bodyOf(bytes.subarray(end + BLANK_LINE.length), parts) };
}

/** Reads what is left, to the end. */
export async function drain(parts: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await parts.next()).done !== true);
}

/** Headers are bytes in Latin-1, and are sent as the same bytes again. */
function parseHead(text: string): ResponseHead | null {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const status = STATUS_LINE.exec(statusLine)?.[1];
  if (status === undefined) return null;
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers[name];
    // Joined like `Headers` does it. Only whether there is a Set-Cookie matters.
    headers[name] = before === undefined || name === "set-cookie" ? value : `${before}, ${value}`;
  }
  return { status: Number(status), headers };
}

/** Without a `return` method, so that a consumer that stops early leaves `parts` open. */
function bodyOf(first: Uint8Array, parts: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  let isFirst = first.byteLength > 0;
  const next = (): Promise<IteratorResult<Uint8Array>> => {
    if (!isFirst) return parts.next();
    isFirst = false;
    return Promise.resolve({ done: false, value: first });
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}
