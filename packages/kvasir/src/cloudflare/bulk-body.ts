import type { PortableEntry } from "@kvasir/store";
import { BULK_BODY_BYTES, BULK_PAIRS_MAX } from "./limits.js";

/** The JSON of a bulk write. Values are base64, so that any bytes arrive as they are. */
export function bulkBody(entries: readonly PortableEntry[]): string {
  return `[${entries.map(pairJson).join(",")}]`;
}

/** Parts of `entries` whose bodies are within the limits of one request. */
export function* bulkParts(entries: readonly PortableEntry[]): Generator<readonly PortableEntry[]> {
  let part: PortableEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const more = pairBytes(entry);
    if (part.length > 0 && (part.length >= BULK_PAIRS_MAX || bytes + more > BULK_BODY_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(entry);
    bytes += more;
  }
  if (part.length > 0) yield part;
}

/** The length of a value in base64. */
export function base64Length(byteLength: number): number {
  return Math.ceil(byteLength / 3) * 4;
}

/** When an entry expires, in seconds since the epoch: the API knows whole seconds. */
export function expirationSeconds(expirationMs: number): number {
  return Math.floor(expirationMs / 1000);
}

function pairJson({ key, value, expirationMs, metadata }: PortableEntry): string {
  const base64 = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  const expires = expirationMs === null ? "" : `,"expiration":${expirationSeconds(expirationMs)}`;
  const described = metadata === null ? "" : `,"metadata":${metadata}`;
  return `{"key":${JSON.stringify(key)},"value":"${base64}","base64":true${expires}${described}}`;
}

/** At most as many bytes as {@link pairJson} gives. A UTF-16 unit of a key takes up to six when it is escaped. */
function pairBytes({ key, value, metadata }: PortableEntry): number {
  return PAIR_FRAME_BYTES + key.length * 6 + base64Length(value.byteLength) + (metadata?.length ?? 0) * 3;
}

const PAIR_FRAME_BYTES = 90;
