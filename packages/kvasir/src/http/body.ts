import { KvError, METADATA_BYTES_MAX } from "@kvasir/client/namespace";
import { tooLarge } from "./body-errors.js";
import type { Exchange } from "./exchange.js";
import { ONE_PIECE_BYTES_MAX, SMALL_BODY_BYTES_MAX, STREAMED_BODY_HELD_BYTES } from "./limits.js";

/** The length that the request declares. `undefined` for a chunked body. */
export function declaredBytes({ request }: Exchange): number | undefined {
  const length = request.headers["content-length"];
  if (length !== undefined) return Number(length);
  return request.headers["transfer-encoding"] === undefined ? 0 : undefined;
}

/** The media type of the body, in lower case, without parameters. `""` if the request names none. */
export function mediaType({ request }: Exchange): string {
  const header = request.headers["content-type"];
  if (header === undefined) return "";
  const end = header.indexOf(";");
  return (end === -1 ? header : header.slice(0, end)).trim().toLowerCase();
}

/**
 * The body in one piece. If its declared length exceeds `bytesMax`, it is refused before a byte is read.
 *
 * @throws KvError `payload_too_large`
 */
export async function readBody(exchange: Exchange, bytesMax: number): Promise<Buffer> {
  const declared = declaredBytes(exchange);
  if (declared === 0) return Buffer.alloc(0);
  if (declared !== undefined && declared > bytesMax) throw tooLarge(bytesMax);
  return exchange.readBody(bytesMax);
}

/**
 * The body as a value to store. A small one is read in one piece, others are streamed to disk as they arrive.
 */
export function bodyValue(exchange: Exchange): Promise<Buffer> | AsyncIterable<Buffer> {
  const declared = declaredBytes(exchange);
  return declared !== undefined && declared <= ONE_PIECE_BYTES_MAX
    ? readBody(exchange, declared)
    : exchange.bodyParts({ heldBytesMax: STREAMED_BODY_HELD_BYTES });
}

/**
 * A body that is small by nature, parsed as JSON.
 *
 * @throws KvError `bad_request`, `payload_too_large`
 */
export async function readJson(exchange: Exchange): Promise<unknown> {
  return parseJson(await readBody(exchange, SMALL_BODY_BYTES_MAX));
}

/** @throws KvError `bad_request` unless the bytes are JSON in UTF-8 */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new KvError("bad_request", "Could not parse the request body as JSON", {
      cause,
      hint: cause instanceof Error ? printable(cause.message) : undefined,
    });
  }
}

/**
 * Serializes a parsed value as JSON again. Returns `undefined` for `undefined`.
 *
 * @throws KvError `metadata_too_large` if the value is nested too deeply to serialize
 */
export function metadataText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const message = `The metadata is nested so deep that it exceeds the limit of ${METADATA_BYTES_MAX}.`;
    throw new KvError("metadata_too_large", message, { cause });
  }
}

/** Whether a parsed body is an object and not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A parser's message may quote the body. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
