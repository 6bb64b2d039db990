/**
 * The response to a batch of reads: one frame for each key of the request, in the same order. A frame begins
 * with a status byte. If the entry was found, the version and the expiry in milliseconds (two float64;
 * `Infinity` if it never expires) follow, then the lengths of metadata and value in bytes (two uint32), the
 * metadata (JSON text; length 0 if there is none) and the value. All numbers are big-endian.
 */
const STATUS_BYTES = 1;
const HEAD_BYTES = STATUS_BYTES + 8 + 8 + 4 + 4;

export const FRAME_MISSING = 0;
const FRAME_FOUND = 1;
/** The key is invalid, or its value too large. A read of this key alone gets the value, or the error. */
export const FRAME_ALONE = 2;

/** An entry as a frame carries it. */
export interface FramedEntry {
  readonly version: number;
  /** Milliseconds since the epoch. `Infinity` if it never expires. */
  readonly expirationMs: number;
  /** JSON text. */
  readonly metadata: string | null;
  /** A view of the whole response. */
  readonly value: Uint8Array<ArrayBuffer>;
}

/** An entry as the store has it. */
export interface EntryToFrame {
  readonly version: number;
  /** `null`: never. */
  readonly expirationMs: number | null;
  /** JSON text. */
  readonly metadata: string | null;
  readonly value: { readonly byteLength: number };
}

/** `null` if there is no entry. `undefined` if the key must be read by itself. */
export type ReadFrame = FramedEntry | null | undefined;

/** All of a frame except the value. */
export function frameHead({ version, expirationMs, metadata, value }: EntryToFrame): Uint8Array {
  const text = metadata === null ? undefined : new TextEncoder().encode(metadata);
  const head = new Uint8Array(HEAD_BYTES + (text?.byteLength ?? 0));
  const view = new DataView(head.buffer);
  view.setUint8(0, FRAME_FOUND);
  view.setFloat64(1, version);
  view.setFloat64(9, expirationMs ?? Number.POSITIVE_INFINITY);
  view.setUint32(17, text?.byteLength ?? 0);
  view.setUint32(21, value.byteLength);
  if (text !== undefined) head.set(text, HEAD_BYTES);
  return head;
}

/** @throws RangeError for a response that was cut short */
export function readFrames(answer: ArrayBuffer, count: number): ReadFrame[] {
  const view = new DataView(answer);
  const frames: ReadFrame[] = [];
  let at = 0;
  while (frames.length < count) {
    const status = view.getUint8(at);
    if (status !== FRAME_FOUND) {
      frames.push(status === FRAME_MISSING ? null : undefined);
      at += STATUS_BYTES;
      continue;
    }
    const metadataAt = at + HEAD_BYTES;
    const valueAt = metadataAt + view.getUint32(at + 17);
    const value = new Uint8Array(answer, valueAt, view.getUint32(at + 21));
    frames.push({
      version: view.getFloat64(at + 1),
      expirationMs: view.getFloat64(at + 9),
      metadata: valueAt === metadataAt ? null : decodeText(answer, metadataAt, valueAt),
      value,
    });
    at = valueAt + value.byteLength;
  }
  return frames;
}

function decodeText(answer: ArrayBuffer, from: number, to: number): string {
  return new TextDecoder().decode(new Uint8Array(answer, from, to - from));
}
