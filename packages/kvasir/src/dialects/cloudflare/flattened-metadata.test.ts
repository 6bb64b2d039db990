import { expect, test } from "vitest";
import { JSON_DEPTH_MAX } from "../../http/limits.js";
import { joinFlattenedMetadata, type MetadataField } from "./flattened-metadata.js";

const join = (...fields: MetadataField[]) => JSON.parse(joinFlattenedMetadata(fields)) as unknown;

test.each<[string, MetadataField[], unknown]>([
  [
    "objects",
    [
      ["metadata[plan]", "pro"],
      ["metadata[user][name]", "ada"],
    ],
    { plan: "pro", user: { name: "ada" } },
  ],
  [
    "objects with dots",
    [
      ["metadata.plan", "pro"],
      ["metadata.user.name", "ada"],
    ],
    { plan: "pro", user: { name: "ada" } },
  ],
  ["keys that contain dots", [["metadata[a.b]", "1"]], { "a.b": "1" }],
  [
    "lists without numbers",
    [
      ["metadata[l][]", "a"],
      ["metadata[l][]", "b"],
    ],
    { l: ["a", "b"] },
  ],
  [
    "lists with numbers, in any order",
    [
      ["metadata.l.1", "b"],
      ["metadata.l.0", "a"],
    ],
    { l: ["a", "b"] },
  ],
  [
    "lists of objects",
    [
      ["metadata[l][][a]", "1"],
      ["metadata[l][][a]", "2"],
    ],
    { l: [{ a: "1" }, { a: "2" }] },
  ],
  [
    "a field that is there thrice",
    [
      ["metadata[a]", "1"],
      ["metadata[a]", "2"],
      ["metadata[a]", "3"],
    ],
    { a: ["1", "2", "3"] },
  ],
  [
    "numbers with a gap",
    [
      ["metadata[1]", "a"],
      ["metadata[3]", "b"],
    ],
    { 1: "a", 3: "b" },
  ],
  ["a list at the top", [["metadata[]", "a"]], ["a"]],
  ["the empty text", [["metadata[a]", ""]], { a: "" }],
  ["texts like numbers", [["metadata[a]", "01"]], { a: "01" }],
])("joins %s", (_, fields, metadata) => {
  expect(join(...fields)).toEqual(metadata);
});

test("keeps a key named __proto__ as a key", () => {
  expect(joinFlattenedMetadata([["metadata[__proto__][a]", "1"]])).toBe('{"__proto__":{"a":"1"}}');
  expect(({} as { a?: string }).a).toBeUndefined();
});

test.each<[string, MetadataField[]]>([
  ["an open bracket", [["metadata[a", "1"]]],
  ["text after a bracket", [["metadata[a]b", "1"]]],
  ["brackets in brackets", [["metadata[a[b]]", "1"]]],
  [
    "text that is an object as well",
    [
      ["metadata[a]", "1"],
      ["metadata[a][b]", "2"],
    ],
  ],
  [
    "an object that is text as well",
    [
      ["metadata[a][b]", "2"],
      ["metadata[a]", "1"],
    ],
  ],
  ["too many levels", [[`metadata${"[a]".repeat(JSON_DEPTH_MAX + 1)}`, "1"]]],
])("refuses %s", (_, fields) => {
  expect(() => joinFlattenedMetadata(fields)).toThrow(expect.objectContaining({ code: "metadata_invalid" }));
});
