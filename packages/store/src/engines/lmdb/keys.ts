import { KvError } from "@kvasir/client/namespace";
import type { KeyRange } from "../../store/listing.js";
import { ENTRY_KEY_BYTES_MAX } from "./limits.js";
import { readU32, readU56, U56_BYTES, writeU32, writeU56 } from "./numbers.js";

/** The size of the namespace number that comes before every entry's key. */
const PREFIX_BYTES = 4;

/**
 * Turns keys into bytes for LMDB's binding. An entry's key is the number of its namespace followed by its
 * UTF-8 bytes. It is written straight into the binding's key buffer, so a read allocates nothing for its key.
 * The binding passes only one key argument, and a pair would be an allocation. So the number is a field that
 * is set just before each call.
 */
export class EntryKeys {
  /** The number of the namespace of keys that are given as strings. */
  namespace = 0;

  /** An arrow function, because the binding calls it without `this`. */
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

/** The key of an entry as a buffer of its own. */
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

/** The reverse of {@link entryKey}. */
export function parseEntryKey(bytes: Buffer): EntryKey {
  return { namespace: readU32(bytes, 0), key: bytes.toString("utf8", PREFIX_BYTES) };
}

/** The bounds of a range: `from` is included, `to` is excluded. */
export interface KeyBounds {
  readonly from: Buffer;
  readonly to: Buffer;
}

/** The bounds of a range's entries in the table. Empty ranges have `from >= to`. */
export function boundsOf(namespace: number, range: KeyRange): KeyBounds {
  const prefix = range.prefix ?? "";
  let from = entryKey(namespace, prefix);
  let to = successorOfPrefix(from);
  if (range.start !== undefined) from = later(from, entryKey(namespace, range.start));
  if (range.end !== undefined) to = earlier(to, entryKey(namespace, range.end));
  return { from, to };
}

/** The next key after `key` in the order of the table. */
export function successorOf(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.of(0)]);
}

/** The first key after everything that begins with `prefix`. */
export function successorOfPrefix(prefix: Uint8Array): Buffer {
  const bytes = Buffer.from(prefix);
  for (let last = bytes.length - 1; last >= 0; last--) {
    // A prefix begins with a namespace's number, which is never all ones.
    if (bytes[last] !== 0xff) {
      bytes[last] = (bytes[last] as number) + 1;
      return bytes.subarray(0, last + 1);
    }
  }
  return bytes;
}

/**
 * A key of the expiry index: an expiration followed by the key of its entry, so that the index is in order of
 * time.
 */
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

/** Writes UTF-8. Most keys are short ASCII, for which this loop is faster than a call into the runtime. */
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
