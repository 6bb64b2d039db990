import { expect, test } from "vitest";
import { normaliseArguments } from "./wrangler-arguments.js";

test.each([
  ["--preview k v", "--preview k v"],
  ["--preview false k", "--no-preview k"],
  ["--preview=false k", "--no-preview k"],
  ["--preview true k", "--preview k"],
  ["--preview=true", "--preview"],
  ["--no-preview k", "--no-preview k"],
  ["--text false key", "key"],
  ["--force=false", ""],
  ["--preview=perhaps", "--preview=perhaps"],
  ["--prefix=--preview", "--prefix=--preview"],
  ["put k -- --preview false", "put k -- --preview false"],
])("%s is read as %s", (given, expected) => {
  expect(normaliseArguments(given.split(" ")).join(" ")).toBe(expected);
});
