import { expect, test } from "vitest";
import { decodeEntry, encodeTail, isLive } from "./entry-codec.js";

function entry(tail: Buffer, expirationMs = 0): Buffer {
  const head = Buffer.alloc(24);
  head.writeBigUInt64BE(1_700_000_000_123_456n, 0);
  head.writeBigUInt64BE(BigInt(expirationMs), 8);
  head.writeBigUInt64BE(1_700_000_000_123n, 16);
  return Buffer.concat([head, tail]);
}

test.each([
  { metadata: null, contentType: null },
  { metadata: '{"é":1}', contentType: null },
  { metadata: null, contentType: "text/plain" },
  { metadata: "[1]", contentType: "image/png" },
])("an entry with %j comes back whole", (described) => {
  const value = Buffer.from([0, 255, 10]);
  expect(decodeEntry(entry(encodeTail(described, value), 5000))).toEqual({
    ...described,
    version: 1_700_000_000_123_456,
    expirationMs: 5000,
    modifiedMs: 1_700_000_000_123,
    valueBytes: 3,
    value,
    blob: null,
  });
});

test("a large value is named, with its size", () => {
  const tail = encodeTail({ metadata: null, contentType: null }, { blob: "some-id", byteLength: 30_000_000 });
  expect(decodeEntry(entry(tail))).toMatchObject({
    valueBytes: 30_000_000,
    blob: "some-id",
    expirationMs: null,
  });
});

test("an entry is live until the millisecond at which it expires", () => {
  const bytes = entry(encodeTail({ metadata: null, contentType: null }, Buffer.of()), 5000);
  expect([isLive(bytes, 4999), isLive(bytes, 5000)]).toEqual([true, false]);
  expect(isLive(entry(Buffer.alloc(9)), 1e15)).toBe(true);
});
