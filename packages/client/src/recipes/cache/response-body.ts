import { base64 } from "../../namespace/base64.js";
import { BODY_BYTES_MAX } from "./limits.js";

/** A body as text. Most bodies are UTF-8, so they stay readable. */
export interface StoredBody {
  readonly encoding: "utf-8" | "base64";
  readonly text: string;
}

/**
 * Reads a body, unless it is too large to store.
 *
 * @returns the bytes, or a stream of the whole body, including the bytes that were already read
 */
export async function readBody(
  body: ReadableStream<Uint8Array> | null,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer> } | { readonly rest: ReadableStream<Uint8Array> }> {
  if (body === null) return { bytes: new Uint8Array() };
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { bytes: joined(chunks, length) };
    chunks.push(value);
    length += value.byteLength;
    if (length > BODY_BYTES_MAX) return { rest: replay(chunks, reader) };
  }
}

export function storedBody(bytes: Uint8Array): StoredBody {
  try {
    return { encoding: "utf-8", text: utf8.decode(bytes) };
  } catch {
    return { encoding: "base64", text: base64(bytes) };
  }
}

/** Returns bytes even for text, because `Response` would add a content type to a string. */
export function bodyBytes({ encoding, text }: StoredBody): Uint8Array<ArrayBuffer> {
  if (encoding === "utf-8") return new TextEncoder().encode(text);
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function replay(
  chunks: Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const next = chunks.shift() ?? (await reader.read()).value;
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
