/**
 * Integers as big-endian bytes, so that byte order equals numeric order. Versions and times take seven bytes,
 * which hold every safe integer and can be read without a BigInt.
 */

/** The size of a number written by {@link writeU56}. */
export const U56_BYTES = 7;

export function writeU56(target: Uint8Array, at: number, value: number): number {
  const high = Math.floor(value / 0x1_0000_0000);
  target[at] = high >>> 16;
  target[at + 1] = high >>> 8;
  target[at + 2] = high;
  return writeU32(target, at + 3, value);
}

export function readU56(source: Uint8Array, at: number): number {
  return (byte(source, at) * 65_536 + readU16(source, at + 1)) * 0x1_0000_0000 + readU32(source, at + 3);
}

export function writeU32(target: Uint8Array, at: number, value: number): number {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
  return at + 4;
}

export function readU32(source: Uint8Array, at: number): number {
  return byte(source, at) * 0x100_0000 + ((byte(source, at + 1) << 16) | readU16(source, at + 2));
}

export function writeU16(target: Uint8Array, at: number, value: number): number {
  target[at] = value >>> 8;
  target[at + 1] = value;
  return at + 2;
}

export function readU16(source: Uint8Array, at: number): number {
  return (byte(source, at) << 8) | byte(source, at + 1);
}

function byte(source: Uint8Array, at: number): number {
  return source[at] as number;
}
