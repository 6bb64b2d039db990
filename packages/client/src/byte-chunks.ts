/**
 * A value stream's chunks as bytes; text is encoded, as in Workers KV.
 *
 * @throws TypeError for chunks that are neither bytes nor text
 */
export async function* byteChunks(stream: ReadableStream<unknown>): AsyncGenerator<Uint8Array, void> {
  // Not `for await`: browsers have yet to make streams iterable.
  const reader = stream.getReader();
  let done = false;
  try {
    for (;;) {
      const next = await reader.read();
      if (next.done) break;
      yield bytesOf(next.value);
    }
    done = true;
  } finally {
    if (!done) await reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new TypeError("KV put() accepts only streams of bytes or text.");
}
