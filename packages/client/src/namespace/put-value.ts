import { text } from "./coerce.js";

/**
 * The value argument of `put` as text, bytes or a stream. A view stands for its window of the buffer only. Bytes are
 * copied, once: they are stored as they are at the call, whatever happens to the buffer, which may be shared with other
 * threads or change its size.
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

/** The value of a put within `atomic()`, which takes no streams. */
export function atomicValue(value: unknown): string | Uint8Array {
  const stored = putValue(value);
  if (typeof stored === "string" || stored instanceof Uint8Array) return stored;
  throw new TypeError("atomic() accepts only strings, ArrayBuffers and ArrayBufferViews as values.");
}

function bytesOf(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) {
    // Not `slice()`: that of Node's Buffer copies nothing.
    return new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
  // By its tag, so that a buffer from another realm (a vm context, a frame) counts too.
  const tag = Object.prototype.toString.call(value);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]"
    ? new Uint8Array(new Uint8Array(value as ArrayBuffer))
    : undefined;
}

function isStream(value: object): value is ReadableStream<Uint8Array> {
  return "getReader" in value && "locked" in value;
}
