import { KvError } from "@kvasir/client/namespace";
import type { Entry, MaybePromise, Namespace, WriteOutcome } from "@kvasir/store";
import type { ApiExchange } from "../../api/api-exchange.js";
import { bodyValue, declaredBytes } from "../../http/body.js";
import type { FlatHeaders } from "../../http/exchange.js";
import { queryParam } from "../../http/query.js";
import { TelnyxError } from "./errors.js";
import { checkRawKey } from "./key-rules.js";
import { CONTENT_TYPE_LENGTH_MAX, TTL_SECS_MAX, VALUE_BYTES_MAX } from "./limits.js";
import { keyOf } from "./paths.js";

/** Stores the body unchanged, with its content type. Everything else is checked before the body is read. */
export async function putRaw(
  exchange: ApiExchange,
  entries: Namespace,
  { anyKey = false }: { readonly anyKey?: boolean } = {},
): Promise<WriteOutcome> {
  if (!anyKey) checkRawKey(keyOf(exchange));
  return writeRaw(exchange, entries);
}

/** @param body The body, if it has already been read. */
export async function writeRaw(
  exchange: ApiExchange,
  entries: Namespace,
  body?: Uint8Array,
): Promise<WriteOutcome> {
  const key = keyOf(exchange);
  const expirationTtl = ttlOf(exchange);
  const contentType = contentTypeOf(exchange);
  const declared = body?.byteLength ?? declaredBytes(exchange);
  if (declared !== undefined && declared > VALUE_BYTES_MAX) throw valueTooLarge();
  const value = body ?? (await bodyValue(exchange));
  const bounded = value instanceof Uint8Array ? value : withinLimit(value);
  return entries.put(key, bounded, { expirationTtl, contentType });
}

/** Sends the value itself. */
export function sendRaw(exchange: ApiExchange, { value, contentType }: Entry): MaybePromise<void> {
  const headers: FlatHeaders = [
    "Content-Type",
    contentType ?? "application/octet-stream",
    // The browser must not run a stored page as if it were ours, because the dashboard has the same origin.
    "Content-Security-Policy",
    "sandbox",
    "X-Content-Type-Options",
    "nosniff",
  ];
  if (value instanceof Uint8Array) return exchange.send(200, headers, value);
  headers.push("Content-Length", String(value.byteLength));
  return exchange.sendParts(200, headers, value.parts());
}

export function valueTooLarge(): KvError {
  return new KvError("value_too_large", `The value exceeds the limit of ${VALUE_BYTES_MAX} bytes`, {
    hint: "Split the value over several keys.",
  });
}

async function* withinLimit(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const part of parts) {
    bytes += part.byteLength;
    if (bytes > VALUE_BYTES_MAX) throw valueTooLarge();
    yield part;
  }
}

/** @throws KvError `expiration_invalid` */
function ttlOf({ query }: ApiExchange): number | undefined {
  const text = query === "" ? undefined : queryParam(query, "ttl_secs");
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds >= 1 && seconds <= TTL_SECS_MAX) return seconds;
  throw new TelnyxError(
    "expiration_invalid",
    `Invalid ttl_secs. Please specify an integer from 1 to ${TTL_SECS_MAX}.`,
    { source: { parameter: "ttl_secs" }, hint: "Leave it out for a key that does not expire." },
  );
}

/** @throws KvError `bad_request` */
function contentTypeOf({ request }: ApiExchange): string | undefined {
  const contentType = request.headers["content-type"];
  if (contentType === undefined || contentType === "") return undefined;
  // The content type is sent as a header later, so every client must be able to read it.
  if (contentType.length <= CONTENT_TYPE_LENGTH_MAX && /^[\x20-\x7e\t]+$/.test(contentType))
    return contentType;
  throw new TelnyxError(
    "bad_request",
    `Invalid Content-Type. Please send at most ${CONTENT_TYPE_LENGTH_MAX} ASCII characters.`,
  );
}
