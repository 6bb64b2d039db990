import type { PutInput } from "../../store/write.js";

/**
 * An entry as bytes. The scripts read and write it too:
 *
 *     version 8 | expiration ms 8, 0: never | modified ms 8 | flags 1 | value bytes 4 | content type bytes 2 |
 *     metadata bytes 2 | content type | metadata | value, or the id of the large value
 *
 * Numbers are big-endian. Flags: 1, the value is large and lies apart.
 */

export interface StoredEntry {
  readonly version: number;
  readonly expirationMs: number | null;
  readonly modifiedMs: number;
  readonly valueBytes: number;
  readonly contentType: string | null;
  readonly metadata: string | null;
  /** The value itself, if it is not large. */
  readonly value: Buffer;
  /** The id of the large value. */
  readonly blob: string | null;
}

const TAIL = 24;
const FIXED = 33;
const LARGE = 1;

/** Everything after the first three numbers, which only a script knows. */
export function encodeTail(
  { metadata, contentType }: Pick<PutInput, "metadata" | "contentType">,
  value: Uint8Array | { readonly blob: string; readonly byteLength: number },
): Buffer {
  const isLarge = !(value instanceof Uint8Array);
  const type = Buffer.from(contentType ?? "");
  const meta = Buffer.from(metadata ?? "");
  const content = isLarge ? Buffer.from(value.blob) : value;
  const tail = Buffer.allocUnsafe(FIXED - TAIL + type.length + meta.length + content.length);
  tail[0] = isLarge ? LARGE : 0;
  tail.writeUInt32BE(value.byteLength, 1);
  tail.writeUInt16BE(type.length, 5);
  tail.writeUInt16BE(meta.length, 7);
  let at = FIXED - TAIL;
  for (const part of [type, meta, content]) {
    tail.set(part, at);
    at += part.length;
  }
  return tail;
}

/** Whether an entry has not expired. */
export function isLive(bytes: Buffer, nowMs: number): boolean {
  const expirationMs = readU64(bytes, 8);
  return expirationMs === 0 || expirationMs > nowMs;
}

export function decodeEntry(bytes: Buffer): StoredEntry {
  const expirationMs = readU64(bytes, 8);
  const metadataAt = FIXED + bytes.readUInt16BE(29);
  const valueAt = metadataAt + bytes.readUInt16BE(31);
  const value = bytes.subarray(valueAt);
  return {
    version: readU64(bytes, 0),
    expirationMs: expirationMs === 0 ? null : expirationMs,
    modifiedMs: readU64(bytes, 16),
    valueBytes: bytes.readUInt32BE(25),
    contentType: metadataAt === FIXED ? null : bytes.toString("utf8", FIXED, metadataAt),
    metadata: valueAt === metadataAt ? null : bytes.toString("utf8", metadataAt, valueAt),
    value,
    blob: bytes[TAIL] === LARGE ? value.toString("latin1") : null,
  };
}

/** Versions and times are below 2^53. */
function readU64(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}
