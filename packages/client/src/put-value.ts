import { text } from "./coerce.js";

/**
 * The value argument of `put` as text, bytes or a stream. A view stands for its window of the buffer only.
 *
 * @throws TypeError for objects that are none of Workers KV's kinds, and for a stream that someone else reads
 */
export function putValue(value: unknown): string | Uint8Array | ReadableStream<Uint8Array> {
  if (typeof value === "string") return value;
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return text(value);
  const bytes = bytesOf(value);
  if (bytes !== undefined) return bytes;
  if (isStream(value)) {
    if (value.locked) throw new TypeError("The ReadableStream has been locked to a reader.");
    return value;
  }
  throw new TypeError(
    "KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.",
  );
}

/** The value of a put within `atomic()`, which takes no streams. Bytes are copied: the commit comes later. */
export function atomicValue(value: unknown): string | Uint8Array {
  const stored = putValue(value);
  if (typeof stored === "string") return stored;
  if (stored instanceof Uint8Array) return stored.slice();
  throw new TypeError("atomic() accepts only strings, ArrayBuffers and ArrayBufferViews as values.");
}

function bytesOf(value: object): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  // By its tag, so that a buffer from another realm (a vm context, a frame) counts too.
  const tag = Object.prototype.toString.call(value);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]"
    ? new Uint8Array(value as ArrayBuffer)
    : undefined;
}

function isStream(value: object): value is ReadableStream<Uint8Array> {
  return "getReader" in value && "locked" in value;
}
