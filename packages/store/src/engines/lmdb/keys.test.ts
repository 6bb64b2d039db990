import { describe, expect, test } from "vitest";
import { boundsOf, EntryKeys, entryKey, expiryKey, parseExpiryKey, successorOfPrefix } from "./keys.js";
import { readU56, U56_BYTES, writeU56 } from "./numbers.js";

const KEYS = ["", "a", "a\0", "a/b", "é", "日本", "\uffff", "😀", "k".repeat(512), "é".repeat(256)];

describe("an entry's key", () => {
  test.each(KEYS)("%j is written into the binding's buffer as entryKey writes it, and read back", (key) => {
    const keys = new EntryKeys();
    keys.namespace = 0x01020304;
    const buffer = Buffer.alloc(2000, 0xee);
    const end = keys.writeKey(key, buffer, 8);
    expect(buffer.subarray(8, end)).toEqual(entryKey(0x01020304, key));
    expect(keys.readKey(buffer, 8, end)).toBe(key);
    expect(buffer[end]).toBe(0xee);
  });

  test("bytes are written as they are", () => {
    const buffer = Buffer.alloc(10);
    expect(new EntryKeys().writeKey(Uint8Array.of(1, 2), buffer, 3)).toBe(5);
    expect(buffer.subarray(3, 5)).toEqual(Buffer.of(1, 2));
  });

  test.each(["k".repeat(1901), "é".repeat(951)])("one that does not fit is refused", (key) => {
    const write = () => new EntryKeys().writeKey(key, Buffer.alloc(4096), 0);
    expect(write).toThrow(expect.objectContaining({ code: "key_too_long" }));
  });
});

test("the successor of a prefix carries over what cannot grow", () => {
  expect(successorOfPrefix(Buffer.of(0, 1))).toEqual(Buffer.of(0, 2));
  expect(successorOfPrefix(Buffer.of(0, 1, 255, 255))).toEqual(Buffer.of(0, 2));
});

test("bounds that exclude each other are empty", () => {
  const { from, to } = boundsOf(1, { start: "b", end: "a" });
  expect(from.compare(to)).toBeGreaterThan(0);
});

test.each(KEYS)("an expiry key holds its time, namespace and the key %j", (key) => {
  const expirationMs = 8_640_000_000_000_000;
  expect(parseExpiryKey(expiryKey(expirationMs, 7, key))).toEqual({ expirationMs, namespace: 7, key });
});

test.each([0, 1, 255, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 48 + 5, Number.MAX_SAFE_INTEGER])(
  "%d survives as bytes",
  (value) => {
    const bytes = Buffer.alloc(U56_BYTES + 2);
    expect(writeU56(bytes, 1, value)).toBe(1 + U56_BYTES);
    expect(readU56(bytes, 1)).toBe(value);
  },
);
