import { expect, it } from "vitest";
import { base64Length, base64Parts } from "./base64-parts.js";

it("encodes parts of any length as if they were one", async () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, at) => at * 2);
  for (let partBytes = 1; partBytes <= 12; partBytes++) {
    for (let length = 0; length <= 25; length++) {
      const parts: Uint8Array[] = [];
      for (let at = 0; at < length; at += partBytes) {
        parts.push(bytes.subarray(at, Math.min(at + partBytes, length)));
      }
      let text = "";
      for await (const piece of base64Parts(parts, { head: "", tail: "" })) text += piece;
      expect(text).toBe(Buffer.from(bytes.subarray(0, length)).toString("base64"));
      expect(text).toHaveLength(base64Length(length));
    }
  }
});

it("puts head and tail around", async () => {
  let text = "";
  for await (const piece of base64Parts([new Uint8Array([97])], { head: '"', tail: '"' })) text += piece;
  expect(text).toBe('"YQ=="');
});

it("keeps no hold of a part's memory", async () => {
  const shared = new Uint8Array(4).fill(1);
  const parts = function* () {
    yield shared;
    shared.fill(2);
    yield shared;
  };
  let text = "";
  for await (const piece of base64Parts(parts(), { head: "", tail: "" })) text += piece;
  expect([...Buffer.from(text, "base64")]).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
});
