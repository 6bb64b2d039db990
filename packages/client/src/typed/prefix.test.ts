import { expect, test } from "vitest";
import { combinePrefixes, prefixKey, stripPrefix } from "./prefix.js";

test.each([
  ["user:", "alice", "user:alice"],
  ["tenant:1:user:", "alice", "tenant:1:user:alice"],
  ["", "alice", "alice"],
  [undefined, "alice", "alice"],
])("prefixKey(%j, %j) is %j", (prefix, key, full) => {
  expect(prefixKey(prefix, key)).toBe(full);
});

test.each([
  ["user:", "user:alice", "alice"],
  ["user:", "user:user:alice", "user:alice"],
  ["user:", "session:alice", "session:alice"],
  ["", "alice", "alice"],
  [undefined, "alice", "alice"],
])("stripPrefix(%j, %j) is %j", (prefix, key, bare) => {
  expect(stripPrefix(prefix, key)).toBe(bare);
});

test.each([
  ["a:", "b:", "a:b:"],
  ["a:", undefined, "a:"],
  [undefined, "b:", "b:"],
  [undefined, undefined, undefined],
  ["", "", undefined],
])("combinePrefixes(%j, %j) is %j", (outer, inner, both) => {
  expect(combinePrefixes(outer, inner)).toBe(both);
});
