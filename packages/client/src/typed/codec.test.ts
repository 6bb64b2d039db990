import { describe, expect, test } from "vitest";
import { codecOf } from "./codec.js";

describe("text", () => {
  const text = codecOf("text");

  test.each([
    "hello",
    "",
    "42",
    "-1.5",
    "0",
    "1e+21",
    "007",
    "1e3",
    " 1",
    "NaN",
    "Infinity",
    42,
    0,
    -1.5,
    1e21,
    2 ** 53,
  ])("%j is read back as it was put", async (value) => {
    for (const metadata of [undefined, null, { by: "test" }, "note"]) {
      const stored = await text.encode(value, metadata);
      expect(typeof stored.value).toBe("string");
      expect(text.decode(stored.value, stored.metadata)).toBe(value);
      expect(text.metadata(stored.metadata)).toEqual(metadata ?? null);
    }
  });

  test("a number is stored as its text and nothing else", async () => {
    expect(await text.encode(3, undefined)).toEqual({ value: "3", metadata: undefined });
  });

  test("only a string that looks like a number is marked", async () => {
    expect((await text.encode("007", undefined)).metadata).toBeUndefined();
    expect((await text.encode("7", undefined)).metadata).toBeDefined();
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("%j is refused", async (value) => {
    await expect(text.encode(value, undefined)).rejects.toThrow(RangeError);
  });
});

test.each(["arrayBuffer", "stream"] as const)(
  "%s hands values through and asks the binding for that type",
  async (type) => {
    const codec = codecOf(type);
    const bytes = new Uint8Array([1]).buffer;
    expect(codec.type).toBe(type);
    expect((await codec.encode(bytes, undefined)).value).toBe(bytes);
    expect(codec.decode(bytes, null)).toBe(bytes);
  },
);

test("a serializer may keep state, and may take its time", async () => {
  class Rot {
    readonly by = 1;
    async serialize(value: string) {
      return String.fromCharCode(value.charCodeAt(0) + this.by);
    }
    async deserialize(raw: string) {
      return String.fromCharCode(raw.charCodeAt(0) - this.by);
    }
  }
  const codec = codecOf(new Rot());
  expect((await codec.encode("a", undefined)).value).toBe("b");
  expect(await codec.decode("b", null)).toBe("a");
});
