import { randomUUID } from "node:crypto";
import type { MaybePromise } from "@kvasir/store";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { FlatHeaders } from "../../http/exchange.js";
import type { CachedResponse } from "../../transient/response-entry.js";
import { type ByteRange, byteRanges } from "./byte-ranges.js";
import { isNotModified } from "./not-modified.js";

/** Tells workerd whether a response was found. */
const STATUS = "CF-Cache-Status";

/** Miniflare finds no cached response of this status, because it gives each of them a body. */
const NO_CONTENT = 204;

export function sendMiss(exchange: ApiExchange): void {
  exchange.sendEmpty(504, [STATUS, "MISS"]);
}

/** Sends a cached response, or the part of it that the request asks for. The steps are those of Miniflare. */
export function sendMatch(exchange: ApiExchange, response: CachedResponse): MaybePromise<void> {
  const { status, body } = response;
  if (status === NO_CONTENT) return sendMiss(exchange);
  const asked = exchange.request.headers;
  const range = asked["range"];
  const ranges = range === undefined ? [] : byteRanges(String(range), body.byteLength);
  if (ranges === null) {
    return exchange.sendEmpty(416, ["Content-Range", `bytes */${body.byteLength}`, STATUS, "HIT"]);
  }
  if (isNotModified(asked, response.headers)) return exchange.sendEmpty(304, headersOf(response));
  const [first, ...others] = ranges;
  if (others.length > 0) return sendRanges(exchange, response, ranges);
  const headers = headersOf(response, ["content-length"]);
  if (first === undefined) return sendBody(exchange, { status, headers, body });
  headers.push("Content-Range", contentRange(first, body.byteLength));
  return sendSlice(exchange, { headers, body }, first);
}

interface Answer {
  readonly headers: FlatHeaders;
  readonly body: CachedResponse["body"];
}

function sendBody(
  exchange: ApiExchange,
  { status, headers, body }: Answer & { readonly status: number },
): MaybePromise<void> {
  if (body instanceof Uint8Array) return exchange.send(status, headers, body);
  headers.push("Content-Length", String(body.byteLength));
  return exchange.sendParts(status, headers, body.parts());
}

function sendSlice(exchange: ApiExchange, { headers, body }: Answer, range: ByteRange): MaybePromise<void> {
  const { start, end } = range;
  if (body instanceof Uint8Array) return exchange.send(206, headers, body.subarray(start, end + 1));
  headers.push("Content-Length", String(end - start + 1));
  return exchange.sendParts(206, headers, slice(body, range));
}

function sendRanges(
  exchange: ApiExchange,
  response: CachedResponse,
  ranges: readonly ByteRange[],
): MaybePromise<void> {
  const boundary = `kvasir-boundary-${randomUUID()}`;
  const headers = headersOf(response, ["content-length", "content-type"]);
  headers.push("Content-Type", `multipart/byteranges; boundary=${boundary}`);
  const type = response.headers["content-type"];
  const heads = ranges.map((range, index) =>
    Buffer.from(
      `${index === 0 ? "" : "\r\n"}--${boundary}\r\n` +
        `${type === undefined ? "" : `Content-Type: ${type}\r\n`}` +
        `Content-Range: ${contentRange(range, response.body.byteLength)}\r\n\r\n`,
      "latin1",
    ),
  );
  const last = Buffer.from(`\r\n--${boundary}--`);
  const bytes = ranges.reduce(
    (sum, { start, end }, at) => sum + (heads[at]?.byteLength ?? 0) + end - start + 1,
    last.byteLength,
  );
  headers.push("Content-Length", String(bytes));
  const parts = async function* () {
    for (const [at, range] of ranges.entries()) {
      yield heads[at] as Buffer;
      yield* slice(response.body, range);
    }
    yield last;
  };
  return exchange.sendParts(206, headers, parts());
}

async function* slice(
  body: CachedResponse["body"],
  { start, end }: ByteRange,
): AsyncGenerator<Uint8Array, void> {
  let at = 0;
  for await (const part of partsOf(body)) {
    if (at > end) return;
    const wanted = part.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at));
    if (wanted.byteLength > 0) yield wanted;
    at += part.byteLength;
  }
}

function partsOf(body: CachedResponse["body"]): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  return body instanceof Uint8Array ? [body] : body.parts();
}

function contentRange({ start, end }: ByteRange, byteLength: number): string {
  return `bytes ${start}-${end}/${byteLength}`;
}

function headersOf({ headers }: CachedResponse, without: readonly string[] = []): FlatHeaders {
  const flat: FlatHeaders = [];
  for (const name in headers) {
    if (name !== "cf-cache-status" && !without.includes(name)) flat.push(name, headers[name] as string);
  }
  flat.push(STATUS, "HIT");
  return flat;
}
