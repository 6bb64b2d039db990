import { expect, test } from "vitest";
import { codeExcerpt } from "./code-excerpt.js";

function mapOf(sources: Readonly<Record<string, string | null>>, mappings: string): string {
  return JSON.stringify({
    version: 3,
    sources: Object.keys(sources),
    sourcesContent: Object.values(sources),
    names: [],
    mappings,
  });
}

test("shows five lines with a caret under the column", () => {
  const map = mapOf({ "../a.ts": "one\ntwo\n\tf(x);\nfour\r\nfive\nsix" }, "AAEC");
  expect(codeExcerpt("Error: x\n    at f (user.js:1:1)", map)).toEqual({
    place: "a.ts:3:2",
    text: "  1 | one\n  2 | two\n> 3 |   f(x);\n    |   ^\n  4 | four\n  5 | five",
  });
});

test("prefers the topmost frame outside of packages", () => {
  const map = mapOf({ "../node_modules/p/p.js": "inside();", "../a.ts": "outside();" }, "AAAA;ACAA");
  const inside = "at p (user.js:1:1)";
  expect(codeExcerpt(`${inside}\nat f (user.js:2:1)`, map)?.place).toBe("a.ts:1:1");
  expect(codeExcerpt(inside, map)?.text).toBe("> 1 | inside();\n    | ^");
});

test("cuts long lines around the column, and replaces control characters", () => {
  const text = codeExcerpt(
    "user.js:1:1",
    mapOf({ "a.js": `${" ".repeat(16)}\u001b${"x".repeat(5000)}` }, "AAAgB"),
  )?.text;
  expect(text).toContain("\ufffdxxx");
  expect(text?.split("\n").every((line) => line.length < 120)).toBe(true);
});

test.each([
  ["no frame", "Error: x", mapOf({ "a.ts": "x" }, "AAAA")],
  ["no source text", "user.js:1:1", mapOf({ "a.ts": null }, "AAAA")],
  ["no map", "user.js:1:1", ""],
  ["a line of zero", "user.js:0:0", mapOf({ "a.ts": "x" }, "AAAA")],
])("shows nothing with %s", (_, stack, map) => {
  expect(codeExcerpt(stack, map)).toBeUndefined();
});
