import { KvError } from "@kvasir/client/namespace";
import { CHECKSUM_BYTES, checksumOfKey, isSealed, seal } from "./checksum.js";
import { readU16, readU56, U56_BYTES, writeU16, writeU56 } from "./numbers.js";

/**
 * The form of an entry on disk:
 *
 * | bytes | content |
 * | --- | --- |
 * | 1 | flags |
 * | 7 | version |
 * | 7 | expiration in milliseconds; 0 if it never expires |
 * | 7 | time of the write in milliseconds |
 * | 2 + n | content type, only with its flag |
 * | 2 + n | metadata, only with its flag |
 * | the rest | the value; with the blob flag, 7 bytes of blob number and 7 of length instead |
 * | 4 | checksum of the key and of all of the above |
 *
 * The fields that every read needs come first, at fixed offsets.
 */
const HAS_CONTENT_TYPE = 1;
const HAS_METADATA = 2;
const HAS_BLOB = 4;

const VERSION_AT = 1;
const EXPIRATION_AT = 8;
const MODIFIED_AT = 15;
const HEADER_BYTES = 22;
/** The size of the smallest entry. */
export const ENTRY_BYTES_MIN = HEADER_BYTES + CHECKSUM_BYTES;
/** The size of the length of a text field. */
const TEXT_LENGTH_BYTES = 2;
/** The longest text field, in bytes. */
const TEXT_BYTES_MAX = 65_535;

/** A value that is stored in the `blobs` table. */
export interface BlobReference {
  readonly blob: number;
  readonly byteLength: number;
}

export interface EntryFields {
  readonly version: number;
  /** 0 means that it never expires. */
  readonly expirationMs: number;
  readonly modifiedMs: number;
  readonly metadata: string | null;
  readonly contentType: string | null;
  readonly value: Uint8Array | BlobReference;
}

/**
 * Whether the entry and its key match the checksum. Check this before relying on any other function of this
 * file.
 */
export function isIntact(bytes: Uint8Array, namespace: number, key: string): boolean {
  return bytes.length >= ENTRY_BYTES_MIN && isSealed(bytes, checksumOfKey(namespace, key));
}

export function versionOf(bytes: Uint8Array): number {
  return readU56(bytes, VERSION_AT);
}

/** 0 means that it never expires. */
export function expirationOf(bytes: Uint8Array): number {
  return readU56(bytes, EXPIRATION_AT);
}

export function modifiedOf(bytes: Uint8Array): number {
  return readU56(bytes, MODIFIED_AT);
}

/** Whether the entry has not expired at `nowMs`. */
export function isLive(bytes: Uint8Array, nowMs: number): boolean {
  const expirationMs = expirationOf(bytes);
  return expirationMs === 0 || expirationMs > nowMs;
}

export function contentTypeOf(bytes: Buffer): string | null {
  return (flagsOf(bytes) & HAS_CONTENT_TYPE) === 0 ? null : textAt(bytes, HEADER_BYTES);
}

export function metadataOf(bytes: Buffer): string | null {
  return (flagsOf(bytes) & HAS_METADATA) === 0 ? null : textAt(bytes, metadataAt(bytes));
}

/** The offset of the value, or of the reference to it. */
export function valueStart(bytes: Uint8Array): number {
  const flags = flagsOf(bytes);
  if ((flags & (HAS_CONTENT_TYPE | HAS_METADATA)) === 0) return HEADER_BYTES;
  const at = metadataAt(bytes);
  return (flags & HAS_METADATA) === 0 ? at : afterText(bytes, at);
}

/** The offset at which the value ends. */
export function valueEnd(bytes: Uint8Array): number {
  return bytes.length - CHECKSUM_BYTES;
}

/** The reference to the value in the `blobs` table, or `null` if the value is stored in the entry. */
export function blobOf(bytes: Uint8Array): BlobReference | null {
  if ((flagsOf(bytes) & HAS_BLOB) === 0) return null;
  const at = valueStart(bytes);
  return { blob: readU56(bytes, at), byteLength: readU56(bytes, at + U56_BYTES) };
}

/** The bytes of value, metadata and content type, without what the form on disk adds. */
export function contentBytesOf(bytes: Uint8Array): number {
  const flags = flagsOf(bytes);
  const texts = Number((flags & HAS_CONTENT_TYPE) !== 0) + Number((flags & HAS_METADATA) !== 0);
  const start = valueStart(bytes);
  const valueBytes = blobOf(bytes)?.byteLength ?? valueEnd(bytes) - start;
  return start - HEADER_BYTES - texts * TEXT_LENGTH_BYTES + valueBytes;
}

export function encodeEntry(namespace: number, key: string, fields: EntryFields): Buffer {
  const { contentType, metadata, value } = fields;
  const contentTypeBytes = textBytes(contentType, "content type");
  const metadataBytes = textBytes(metadata, "metadata");
  const isBlob = !(value instanceof Uint8Array);
  const valueBytes = isBlob ? 2 * U56_BYTES : value.length;
  const bytes = Buffer.allocUnsafe(ENTRY_BYTES_MIN + contentTypeBytes + metadataBytes + valueBytes);

  bytes[0] =
    (contentType === null ? 0 : HAS_CONTENT_TYPE) |
    (metadata === null ? 0 : HAS_METADATA) |
    (isBlob ? HAS_BLOB : 0);
  let at = writeU56(bytes, VERSION_AT, fields.version);
  at = writeU56(bytes, at, fields.expirationMs);
  at = writeU56(bytes, at, fields.modifiedMs);
  if (contentType !== null) at = writeText(bytes, at, contentType, contentTypeBytes);
  if (metadata !== null) at = writeText(bytes, at, metadata, metadataBytes);
  if (isBlob) writeU56(bytes, writeU56(bytes, at, value.blob), value.byteLength);
  else bytes.set(value, at);
  seal(bytes, checksumOfKey(namespace, key));
  return bytes;
}

/** The same entry with another version, expiration and time of writing. */
export function restamp(
  namespace: number,
  key: string,
  bytes: Uint8Array,
  stamp: Pick<EntryFields, "version" | "expirationMs" | "modifiedMs">,
): Buffer {
  const copy = Buffer.from(bytes);
  writeU56(
    copy,
    writeU56(copy, writeU56(copy, VERSION_AT, stamp.version), stamp.expirationMs),
    stamp.modifiedMs,
  );
  seal(copy, checksumOfKey(namespace, key));
  return copy;
}

function flagsOf(bytes: Uint8Array): number {
  return bytes[0] as number;
}

function metadataAt(bytes: Uint8Array): number {
  return (flagsOf(bytes) & HAS_CONTENT_TYPE) === 0 ? HEADER_BYTES : afterText(bytes, HEADER_BYTES);
}

function afterText(bytes: Uint8Array, at: number): number {
  return at + 2 + readU16(bytes, at);
}

function textAt(bytes: Buffer, at: number): string {
  return bytes.toString("utf8", at + 2, afterText(bytes, at));
}

/** The bytes that a text field takes, including its length. */
function textBytes(text: string | null, what: string): number {
  if (text === null) return 0;
  const byteLength = Buffer.byteLength(text);
  if (byteLength > TEXT_BYTES_MAX) {
    throw new KvError("metadata_too_large", `The ${what} has ${byteLength} bytes; ${TEXT_BYTES_MAX} fit.`);
  }
  return 2 + byteLength;
}

function writeText(target: Buffer, at: number, text: string, fieldBytes: number): number {
  target.write(text, writeU16(target, at, fieldBytes - 2), "utf8");
  return at + fieldBytes;
}
