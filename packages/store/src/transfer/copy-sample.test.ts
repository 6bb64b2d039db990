import { describe, expect, test } from "vitest";
import { CopySample, entryHash } from "./copy-sample.js";
import type { PortableEntry } from "./portable-entry.js";

const ALL = { wholeSeconds: false, contentType: true };
const SOME = { wholeSeconds: true, contentType: false };
const ENTRY: PortableEntry = {
  key: "a",
  value: Buffer.from("1"),
  expirationMs: 4_000_000_000_500,
  metadata: '{"a":1,"b":[{"c":2,"d":3}]}',
  contentType: "text/plain",
};

describe("entryHash", () => {
  test.each([
    ["another key", { key: "b" }],
    ["another value", { value: Buffer.from("2") }],
    ["another expiration", { expirationMs: 4_000_000_001_500 }],
    ["no expiration", { expirationMs: null }],
    ["other metadata", { metadata: '{"a":1}' }],
    ["no metadata", { metadata: null }],
  ])("tells %s", (_, change) => {
    expect(entryHash({ ...ENTRY, ...change }, SOME)).not.toBe(entryHash(ENTRY, SOME));
  });

  test.each([
    ["milliseconds", { expirationMs: 4_000_000_000_000 }],
    ["content types", { contentType: null }],
  ])("tells %s only where both ends keep them", (_, change) => {
    expect(entryHash({ ...ENTRY, ...change }, SOME)).toBe(entryHash(ENTRY, SOME));
    expect(entryHash({ ...ENTRY, ...change }, ALL)).not.toBe(entryHash(ENTRY, ALL));
  });

  test("takes the same JSON for the same metadata, whatever its order", () => {
    const same = { ...ENTRY, metadata: '{ "b": [{"d":3, "c":2}], "a": 1 }' };
    expect(entryHash(same, ALL)).toBe(entryHash(ENTRY, ALL));
  });
});

describe("CopySample", () => {
  test("keeps as many entries as it is told, each with the same probability", () => {
    let state = 1;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const times = new Array<number>(20).fill(0);
    for (let round = 0; round < 2_000; round++) {
      const sample = new CopySample({ size: 5, parts: ALL, random });
      for (let at = 0; at < times.length; at++) sample.add({ ...ENTRY, key: String(at) });
      expect(sample.entries).toHaveLength(5);
      for (const { key } of sample.entries) times[Number(key)] = (times[Number(key)] ?? 0) + 1;
    }
    // 500 each are expected.
    expect(Math.min(...times)).toBeGreaterThan(400);
    expect(Math.max(...times)).toBeLessThan(600);
  });
});
