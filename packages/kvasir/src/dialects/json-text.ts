import type { Entry } from "@kvasir/store";

/**
 * A stored value as pieces of a JSON string literal. A large value is escaped part by part, because its
 * escaped form in one piece could take 150 MB.
 */
export async function* jsonString(value: Entry["value"]): AsyncGenerator<string, void> {
  yield '"';
  if (value instanceof Uint8Array) {
    yield escaped(new TextDecoder("utf-8", { ignoreBOM: true }).decode(value));
  } else {
    // Keeps the bytes of a character that is split across two parts.
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    for await (const part of value.parts()) yield escaped(decoder.decode(part, { stream: true }));
    yield escaped(decoder.decode());
  }
  yield '"';
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** {@link chunked} for pieces that arrive over time. */
export async function* chunkedAsync(
  pieces: AsyncIterable<string>,
  chunkLength: number,
): AsyncGenerator<string> {
  let chunk = "";
  for await (const piece of pieces) {
    chunk += piece;
    if (chunk.length >= chunkLength) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk !== "") yield chunk;
}
