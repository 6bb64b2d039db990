import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** What every line has. */
const COMMON = ["event", "time", "level"];

test("docs/reference/events.md has every field of every event that is printed as JSON", () => {
  const defined = Object.fromEntries(
    [
      ...read("packages/kvasir/src/events/events.ts").matchAll(
        /^ {6}readonly event: "(\w+)";\n((?: {6}.*\n)*)/gm,
      ),
    ]
      // A table for people.
      .filter(([, name]) => name !== "bindings")
      .map(([, name, body = ""]) => [name, fieldsOf(body, /^ {6}readonly (\w+)\??:/gm)]),
  );
  const documented = Object.fromEntries(
    [...read("docs/reference/events.md").matchAll(/^## ([a-z]+)\n((?:(?!## ).*\n)*)/gm)].map(
      ([, name, body = ""]) => [name, fieldsOf(body, /^\| `(\w+)` \|/gm)],
    ),
  );
  expect(Object.keys(defined)).toContain("request");
  expect(documented).toEqual(defined);
});

test("docs/reference/events.md names what every event has", () => {
  const [head = ""] = read("docs/reference/events.md").split("\n## ");
  expect(fieldsOf(head, /^\| `(\w+)` \|/gm)).toEqual([...COMMON].sort());
});

function fieldsOf(text: string, field: RegExp): readonly string[] {
  return [...text.matchAll(field)].map(([, name = ""]) => name).sort();
}
