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
 * otherwise, or if that is shorter.
 *
 * `expiration` is in seconds. In `jsonl` it has up to three decimals. In `json` it is whole, because other tools
 * read it. It is rounded down there, as in a list of keys: a copy of the entry never outlives the original.
 */
export function encodeEntry(entry: PortableEntry, format: EntryFormat): string {
  const { expirationMs, metadata, contentType } = entry;
  let text = `{"key":${JSON.stringify(entry.key)},${valueFields(entry.value)}`;
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

function valueFields(value: Uint8Array): string {
  if (isUtf8(value)) {
    const text = JSON.stringify(decodeText(value));
    // Control characters take six bytes each.
    if (text.length <= value.length * (4 / 3) + SHORT_LENGTH) return `"value":${text}`;
  }
  return `"value":"${asBuffer(value).toString("base64")}","base64":true`;
}

/** Up to this many characters more than base64, text is preferred, because people can read it. */
const SHORT_LENGTH = 4_096;

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
