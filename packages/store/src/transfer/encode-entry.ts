import { isUtf8 } from "node:buffer";
import { decodeText } from "../rules/entry-value.js";
import type { NamespaceRecord } from "../store/namespaces.js";
import type { PortableEntry } from "./portable-entry.js";

/**
 * How entries are written to a file. `jsonl`: lossless, an entry a line after a line that names the namespace.
 * `json`: the array that `wrangler kv bulk put` takes.
 */
export type EntryFormat = "jsonl" | "json";

/** Version of the `jsonl` form, in the first line of a namespace. */
export const EXPORT_VERSION = 1;

/**
 * An entry as one JSON object without line breaks. The value is text if its bytes are valid UTF-8, and base64
 * otherwise, or if text would be much longer.
 *
 * `expiration` is in seconds. In `jsonl` it has up to three decimals. In `json` it is whole, because other tools
 * read it. It is rounded down there, as in a list of keys: a copy of the entry never outlives the original.
 */
export function encodeEntry(entry: PortableEntry, format: EntryFormat): string {
  const { value } = entry;
  const field = isText(value)
    ? `${TEXT_START}${JSON.stringify(decodeText(value)).slice(1, -1)}${TEXT_END}`
    : `${TEXT_START}${asBuffer(value).toString("base64")}${BASE64_END}`;
  return keyField(entry) + field + otherFields(entry, format);
}

/** {@link encodeEntry} in pieces, for a value whose text should not be in memory as a whole. */
export function* encodeInPieces(entry: PortableEntry, format: EntryFormat): Generator<string, void> {
  const { value } = entry;
  yield keyField(entry) + TEXT_START;
  if (isText(value)) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    for (const piece of piecesOf(value)) {
      yield JSON.stringify(decoder.decode(piece, { stream: true })).slice(1, -1);
    }
    yield TEXT_END;
  } else {
    for (const piece of piecesOf(value)) yield asBuffer(piece).toString("base64");
    yield BASE64_END;
  }
  yield otherFields(entry, format);
}

const TEXT_START = '"value":"';
const TEXT_END = '"';
const BASE64_END = '","base64":true';

function keyField({ key }: PortableEntry): string {
  return `{"key":${JSON.stringify(key)},`;
}

function otherFields({ expirationMs, metadata, contentType }: PortableEntry, format: EntryFormat): string {
  let text = "";
  if (expirationMs !== null) text += `,"expiration":${secondsText(expirationMs, format)}`;
  if (metadata !== null) text += `,"metadata":${metadataText(metadata)}`;
  if (contentType !== null) text += `,"content_type":${JSON.stringify(contentType)}`;
  return `${text}}`;
}

/** The line that begins the entries of a namespace. */
export function encodeHeader(
  { id, title, attributes }: Pick<NamespaceRecord, "id" | "title" | "attributes">,
  nowMs: number,
): string {
  const namespace = { id, title, ...(Object.keys(attributes).length > 0 && { attributes }) };
  return JSON.stringify({ kvasir_export: EXPORT_VERSION, namespace, at: new Date(nowMs).toISOString() });
}

/** Whether a value is written as text: valid UTF-8 whose escapes are not much longer than base64. */
function isText(value: Uint8Array): boolean {
  if (!isUtf8(value)) return false;
  if (value.length <= SHORT_BYTES) return true;
  let escaped = 0;
  for (const byte of value) if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) escaped++;
  return escaped <= value.length / LONG_ESCAPES;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** So short a value is text in any case, because people can read it. */
const SHORT_BYTES = 1_024;
/** An escape has up to six characters: with one in fifteen bytes, text is as long as base64. */
const LONG_ESCAPES = 15;
/** Divisible by three, so that each piece of base64 can be followed by the next. */
const PIECE_BYTES = 49_152;

function* piecesOf(value: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < value.length; at += PIECE_BYTES) yield value.subarray(at, at + PIECE_BYTES);
}

function secondsText(expirationMs: number, format: EntryFormat): string {
  const seconds = Math.floor(expirationMs / 1000);
  const ms = expirationMs % 1000;
  if (ms === 0 || format === "json") return String(seconds);
  return `${seconds}.${String(ms).padStart(3, "0")}`;
}

/** Stored metadata is compact JSON already, unless another program stored it in its own form. */
function metadataText(metadata: string): string {
  return /[\n\r]/.test(metadata) ? JSON.stringify(JSON.parse(metadata)) : metadata;
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
