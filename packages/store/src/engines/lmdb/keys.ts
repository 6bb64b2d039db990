import { KvError } from "@kvasir/client/namespace";
import type { KeyRange } from "../../store/listing.js";
import { ENTRY_KEY_BYTES_MAX } from "./limits.js";
import { readU32, readU56, U56_BYTES, writeU32, writeU56 } from "./numbers.js";

/** Bytes of the namespace number before every entry's key. */
const PREFIX_BYTES = 4;

/**
 * How LMDB's binding turns keys into bytes. An entry's key is its namespace's number and then its UTF-8 bytes,
 * written straight into the binding's key buffer: a read allocates nothing for its key. The number is a field
 * set just before each call, because the binding passes one key argument and a pair would be an allocation.
 */
export class EntryKeys {
  /** Number of the namespace that a key given as a string belongs to. */
  namespace = 0;

  /** The binding calls it without `this`. */
  readonly writeKey = (key: string | Uint8Array, target: Buffer, start: number): number => {
    if (typeof key !== "string") {
      target.set(key, start);
      return start + key.length;
    }
    return writeText(target, writeU32(target, start, this.namespace), key);
  };

  readonly readKey = (source: Buffer, start: number, end: number): string =>
    source.toString("utf8", start + PREFIX_BYTES, end);
}

/** The key of an entry as bytes of its own. */
export function entryKey(namespace: number, key: string): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX_BYTES + Buffer.byteLength(key));
  writeU32(bytes, 0, namespace);
  bytes.write(key, PREFIX_BYTES, "utf8");
  return bytes;
}

export interface EntryKey {
  readonly namespace: number;
  readonly key: string;
}

/** What {@link entryKey} made bytes of. */
export function parseEntryKey(bytes: Buffer): EntryKey {
  return { namespace: readU32(bytes, 0), key: bytes.toString("utf8", PREFIX_BYTES) };
}

/** Bounds of a range as bytes: the first included, the second excluded. */
export interface KeyBounds {
  readonly from: Buffer;
  readonly to: Buffer;
}

/** Where in the table the entries of a range lie. Empty ranges have `from >= to`. */
export function boundsOf(namespace: number, range: KeyRange): KeyBounds {
  const prefix = range.prefix ?? "";
  let from = entryKey(namespace, prefix);
  let to = successorOfPrefix(from);
  if (range.start !== undefined) from = later(from, entryKey(namespace, range.start));
  if (range.end !== undefined) to = earlier(to, entryKey(namespace, range.end));
  return { from, to };
}

/** The smallest bytes after `key`, in the order of the table. */
export function successorOf(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.of(0)]);
}

/** The smallest bytes after everything that begins with `prefix`. */
export function successorOfPrefix(prefix: Uint8Array): Buffer {
  const bytes = Buffer.from(prefix);
  for (let last = bytes.length - 1; last >= 0; last--) {
    // A prefix begins with a namespace's number, which never is all ones.
    if (bytes[last] !== 0xff) {
      bytes[last] = (bytes[last] as number) + 1;
      return bytes.subarray(0, last + 1);
    }
  }
  return bytes;
}

/** An expiration followed by the key of its entry: the expiry index in the order of time. */
export function expiryKey(expirationMs: number, namespace: number, key: string): Buffer {
  const bytes = Buffer.allocUnsafe(U56_BYTES + PREFIX_BYTES + Buffer.byteLength(key));
  writeU32(bytes, writeU56(bytes, 0, expirationMs), namespace);
  bytes.write(key, U56_BYTES + PREFIX_BYTES, "utf8");
  return bytes;
}

export interface ExpiryKey extends EntryKey {
  readonly expirationMs: number;
}

export function parseExpiryKey(bytes: Buffer): ExpiryKey {
  return { expirationMs: readU56(bytes, 0), ...parseEntryKey(bytes.subarray(U56_BYTES)) };
}

/** One number as a key. */
export function numberKey(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(U56_BYTES);
  writeU56(bytes, 0, value);
  return bytes;
}

function later(a: Buffer, b: Buffer): Buffer {
  return a.compare(b) >= 0 ? a : b;
}

function earlier(a: Buffer, b: Buffer): Buffer {
  return a.compare(b) <= 0 ? a : b;
}

/** Writes UTF-8; most keys are short ASCII, for which this loop beats a call into the runtime. */
function writeText(target: Buffer, start: number, text: string): number {
  const { length } = text;
  if (length > ENTRY_KEY_BYTES_MAX) throw keyTooLong(length);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return writeUnicode(target, start, text);
    target[start + index] = code;
  }
  return start + length;
}

function writeUnicode(target: Buffer, start: number, text: string): number {
  const byteLength = Buffer.byteLength(text);
  if (byteLength > ENTRY_KEY_BYTES_MAX) throw keyTooLong(byteLength);
  return start + target.write(text, start, "utf8");
}

function keyTooLong(byteLength: number): KvError {
  return new KvError("key_too_long", `A key of ${byteLength} bytes is longer than ${ENTRY_KEY_BYTES_MAX}.`, {
    hint: "Shorten the key, or hash it.",
  });
}
