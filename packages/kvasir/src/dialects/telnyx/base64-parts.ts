/** Length of `bytes` bytes in base64, in characters. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/**
 * Text that holds a value in base64, part by part. The one or two bytes that a part leaves over are encoded with the
 * next one, so that the whole has padding at its end only.
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
    // Copied: the memory of a part is only ours until the next one is asked for.
    rest = Uint8Array.from(bytes.subarray(whole));
  }
  yield asBuffer(rest).toString("base64") + tail;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
