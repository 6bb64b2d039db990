/** Reads straight from the bytes: making a Buffer first would cost more than the read. */
const { latin1Slice } = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
};

/** Decodes bytes into a string with one character per byte. */
export function latin1Of(bytes: Uint8Array): string {
  return latin1Slice.call(bytes, 0, bytes.byteLength);
}
