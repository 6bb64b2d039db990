import { byteChunks, KvError, VALUE_BYTES_MAX } from "@kvasir/client/namespace";
import type { StagedValue } from "../store/write.js";
import { OVERSIZE_COUNT_BYTES_MAX, STREAM_GATHER_BYTES_MAX } from "./limits.js";

/** The value of a put. A stream is read only once. */
export type ValueSource = string | Uint8Array | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** Stores the parts of a value for the put that follows. */
export type Stage = (parts: AsyncIterable<Uint8Array>) => Promise<StagedValue>;

/**
 * What a `put` stores: the bytes of a small value, or the parts of a large stream, already staged.
 *
 * @param declaredBytes The length that a stream was announced with; too long a one is refused unread.
 * @throws KvError `value_too_large` with the length of the value
 */
export function readValue(
  source: ValueSource,
  declaredBytes: number | undefined,
  stage: Stage,
): Uint8Array | Promise<Uint8Array | StagedValue> {
  if (typeof source === "string" || source instanceof Uint8Array) return readBytes(source);
  if (declaredBytes !== undefined && declaredBytes > VALUE_BYTES_MAX) throw tooLarge(declaredBytes);
  // A stream of any realm, whose chunks may be text as well.
  return readStream("getReader" in source ? byteChunks(source) : source, stage);
}

/** {@link readValue} for a value that is not a stream. */
export function readBytes(source: string | Uint8Array): Uint8Array {
  const bytes = typeof source === "string" ? Buffer.from(source) : source;
  if (bytes.byteLength > VALUE_BYTES_MAX) throw tooLarge(bytes.byteLength);
  return bytes;
}

/** A small stream is gathered into one piece, which is one write to the store instead of two. */
async function readStream(
  source: AsyncIterable<Uint8Array>,
  stage: Stage,
): Promise<Uint8Array | StagedValue> {
  const iterator = bounded(source);
  const gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  while (gatheredBytes <= STREAM_GATHER_BYTES_MAX) {
    const next = await iterator.next();
    if (next.done) return Buffer.concat(gathered, gatheredBytes);
    gathered.push(next.value);
    gatheredBytes += next.value.byteLength;
  }
  return stage(resumed(gathered, iterator));
}

async function* resumed(
  gathered: Uint8Array[],
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    // Removes each part before it is passed on, so that the start of the value is not held in memory during
    // the rest.
    for (let part = gathered.shift(); part !== undefined; part = gathered.shift()) yield part;
    yield* rest;
  } finally {
    await rest.return();
  }
}

/**
 * Passes on parts within the limit. Past the limit it only counts bytes, so that the error can name the real
 * length.
 */
async function* bounded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const part of source) {
    bytes += part.byteLength;
    if (bytes <= VALUE_BYTES_MAX) yield part;
    else if (bytes > OVERSIZE_COUNT_BYTES_MAX) break;
  }
  if (bytes > VALUE_BYTES_MAX) throw tooLarge(bytes);
}

function tooLarge(bytes: number): KvError {
  return new KvError("value_too_large", `Value length of ${bytes} exceeds limit of ${VALUE_BYTES_MAX}.`, {
    hint: "Split the value over several keys.",
  });
}
