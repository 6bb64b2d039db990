import { transformSync } from "esbuild";
import { expect, test } from "vitest";
import { codeBlocks } from "./lost-newlines.js";

/** The runnable code of a text: the code of its blocks without comments, one statement per line. */
function programs(text: string): string[] {
  return codeBlocks(text).blocks.map(({ code }) => transformSync(code, { loader: "ts" }).code.trim());
}

test.each([
  [
    "statements that stand against each other",
    "const a = f()const b = await g('x')await h()",
    'var a = f();\nvar b = await g("x");\nawait h();',
  ],
  ["the heading of the next section after a statement", "await f('k')Next Section", 'await f("k");'],
  ["the heading after a function", "function f() { return 1}Pattern: More", "function f() {\n  return 1;\n}"],
  [
    "a comment that hides the end of its bracket",
    "const a = f({ b: 1, // one})",
    "var a = f({\n  b: 1\n  // one\n});",
  ],
  [
    "a comment that hides the next property",
    "const a = { b: 1, // one c: 2, // two}",
    "var a = {\n  b: 1,\n  // one\n  c: 2\n  // two\n};",
  ],
  ["a comment that runs into a statement", "// makes oneconst a = 1", "var a = 1;"],
  ["a list that ends in a comment", "await f([ 1, 2, // both])", "await f([\n  1,\n  2\n  // both\n]);"],
  [
    "the words of statements within expressions",
    "const f = async () => await g()",
    "var f = async () => await g();",
  ],
  [
    "the words of statements within literals",
    "const f = 'const a' + x + `if x`",
    'var f = "const a" + x + `if x`;',
  ],
  ["a name that is declared twice", "const a = 1\nconst a = 2", "var a = 1;\nvar a = 2;"],
  [
    "an interface without separators",
    "interface A { a: string b?: number }\nconst a: A = f()",
    "var a = f();",
  ],
])("restores %s", (_, text, program) => {
  expect(programs(text)).toEqual([program]);
});

test("prose, imports and headings part blocks", () => {
  const text = [
    "Title",
    "import { f, g } from 'kv'",
    "const a = f() // numberThe Next",
    "Some prose about it:",
    "await f(a)",
    "import { h } from 'kv'",
    "// calls ith(1)",
  ].join("\n");
  expect(codeBlocks(text).imports).toEqual(["f", "g", "h"]);
  expect(programs(text)).toEqual(["var a = f();", "await f(a);", "h(1);"]);
});

test("tells what the outermost level of a block declares", () => {
  const [block] = codeBlocks(
    "const a = 1async function f() { const inner = 2}function g() { return 1}",
  ).blocks;
  expect(block?.declares).toEqual(["a", "f", "g"]);
});
