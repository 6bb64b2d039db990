/** The number of base64 characters for `bytes` bytes. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/**
 * Yields a value in base64, part by part. The one or two bytes left over from a part are encoded with the
 * next one, so that only the end of the whole is padded.
 */
export async function* base64Parts(
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { head, tail }: { readonly head: string; readonly tail: string },
): AsyncGenerator<string, void> {
  yield head;
  let rest: Uint8Array = new Uint8Array(0);
  for await (const part of parts) {
    const bytes = rest.byteLength === 0 ? asBuffer(part) : Buffer.concat([rest, part]);
    const whole = bytes.byteLength - (bytes.byteLength % 3);
    yield bytes.toString("base64", 0, whole);
    // Copied, because the memory of a part is ours only until the next one is requested.
    rest = Uint8Array.from(bytes.subarray(whole));
  }
  yield asBuffer(rest).toString("base64") + tail;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
