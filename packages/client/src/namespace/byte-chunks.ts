/**
 * A value stream's chunks as bytes, in memory that only this process sees and that keeps its size; text is encoded, as in Workers KV.
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
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (ArrayBuffer.isView(chunk)) return settled(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return settled(chunk, 0, chunk.byteLength);
  throw new TypeError("KV put() accepts only streams of bytes or text.");
}

function settled(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const isFixed = buffer instanceof ArrayBuffer && (buffer as { resizable?: boolean }).resizable !== true;
  return isFixed ? bytes : new Uint8Array(bytes);
}
