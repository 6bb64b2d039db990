import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { CHECKSUM_BYTES, checksumOf, checksumOfKey, isSealed, seal } from "./checksum.js";
import { entryKey } from "./keys.js";

test.each([0, 1, 7, 8, 9, 17, 100, 255, 256, 257, 1000])(
  "%d bytes have the checksum that zlib gives",
  (length) => {
    const bytes = Buffer.from(Array.from({ length: length + 7 }, (_, at) => (at * 37) & 0xff));
    const part = bytes.subarray(3, 3 + length);
    expect(checksumOf(bytes, 3, 3 + length)).toBe(crc32(part));
    expect(checksumOf(bytes, 3, 3 + length, 0x89abcdef)).toBe(crc32(part, 0x89abcdef));
  },
);

test.each(["", "key", "schlüssel", "🔑", "ascii, then ü", "x".repeat(1000), "ü".repeat(200)])(
  "the key %j has the checksum of its bytes on disk",
  (key) => {
    expect(checksumOfKey(0xfedcba98, key)).toBe(crc32(entryKey(0xfedcba98, key)));
  },
);

test("a row is intact until a bit of it or of its key changes", () => {
  const row = Buffer.from("payload----");
  const key = checksumOfKey(1, "key");
  seal(row, key);
  expect(isSealed(row, key)).toBe(true);
  expect(isSealed(row, checksumOfKey(1, "kez"))).toBe(false);
  expect(isSealed(row, checksumOfKey(2, "key"))).toBe(false);
  for (let bit = 0; bit < row.length * 8; bit++) {
    const changed = Buffer.from(row);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(isSealed(changed, key), `bit ${bit}`).toBe(false);
  }
});

test("what is too short for a checksum is not intact", () => {
  for (let length = 0; length < CHECKSUM_BYTES; length++)
    expect(isSealed(Buffer.alloc(length), 0)).toBe(false);
});
