import type * as v from "valibot";

/** The message for a value that does not match the example, or that lacks one of its keys. */
export function likeThis(example: string): (issue: v.LooseObjectIssue) => string {
  // For a missing key, valibot uses the key's own path, and the key as the expected value.
  return ({ expected }) =>
    expected === "Object" ? `must be like ${example}` : `is missing: write it like ${example}`;
}
