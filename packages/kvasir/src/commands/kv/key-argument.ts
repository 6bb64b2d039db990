import { InvalidArgumentError } from "commander";

/** Why {@link isKey} refuses a text. */
export const KEY_PROBLEM = 'A key cannot be empty, "." or ".."';

/** Whether a URL can contain this key. */
export function isKey(text: string): boolean {
  return text !== "" && text !== "." && text !== "..";
}

export function parseKey(text: string): string {
  if (isKey(text)) return text;
  throw new InvalidArgumentError(KEY_PROBLEM);
}
