import { expect, test } from "vitest";
import { KEY_BYTES_MAX } from "../../namespace/limits.js";
import { keyPart, recipeKey } from "./key.js";

test("parts are joined by colons after the prefix", () => {
  expect(recipeKey("limit:", "ann", 7)).toBe("limit:ann:7");
});

test.each(["a:b", "100%", "%3A", "%253A:"])(
  "no part can pass for two, and %s comes back as it was",
  (part) => {
    const key = recipeKey("", part, "c");
    expect(key.split(":")).toHaveLength(2);
    expect(keyPart(key.split(":")[0] ?? "")).toBe(part);
  },
);

test("bytes count, not characters", () => {
  expect(recipeKey("", "é".repeat(KEY_BYTES_MAX / 2))).toHaveLength(KEY_BYTES_MAX / 2);
  expect(() => recipeKey("", `${"é".repeat(KEY_BYTES_MAX / 2)}a`)).toThrow(
    expect.objectContaining({ code: "key_too_long", hint: expect.stringContaining("hash") }),
  );
});

test("an empty part is refused", () => {
  expect(() => recipeKey("limit:", "")).toThrow(expect.objectContaining({ code: "key_invalid" }));
});
