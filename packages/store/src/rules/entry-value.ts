import type { MaybePromise } from "@kvasir/client/namespace";
import type { Entry, LargeValue } from "../store/entry.js";

/** An entry's value in one piece. A large one is copied once, into memory of its own. */
export function bytesOf(value: Entry["value"]): MaybePromise<Uint8Array> {
  return value instanceof Uint8Array ? value : gather(value);
}

function gather(value: LargeValue): MaybePromise<Uint8Array> {
  // Unpooled: the caller may hand on the whole ArrayBuffer.
  const bytes = new Uint8Array(new ArrayBuffer(value.byteLength));
  const parts = value.parts();
  if (Symbol.asyncIterator in parts) return gatherAsync(bytes, parts);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

async function gatherAsync(bytes: Uint8Array, parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let offset = 0;
  for await (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

/** Decodes UTF-8; invalid bytes become U+FFFD. A byte order mark is part of the text. */
export function decodeText(bytes: Uint8Array): string {
  return utf8Slice.call(bytes, 0, bytes.length);
}

/**
 * The function that `Buffer.toString` calls, used on bytes that are not a Buffer. Creating a Buffer first
 * costs 300 ns, four times the decoding of a 100-byte value. A `TextDecoder` is a third slower on such
 * values, and as fast on large ones.
 */
const { utf8Slice } = Buffer.prototype as unknown as {
  utf8Slice(this: Uint8Array, start: number, end: number): string;
};
