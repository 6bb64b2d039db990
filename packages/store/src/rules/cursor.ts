import { KEY_BYTES_MAX, KvError } from "@kvasir/client/namespace";
import type { Key } from "../store/entry.js";

/**
 * The cursor of a page: the next page continues after `after`. A cursor is opaque to callers, never expires
 * and does not depend on other options.
 */
export function cursorOf(after: Key): string {
  return Buffer.from(after).toString("base64url");
}

/**
 * The key to continue after. Returns `undefined` (the start) for the empty cursor.
 *
 * @throws KvError `cursor_invalid`
 */
export function keyOfCursor(cursor: string | undefined): Key | undefined {
  if (cursor === undefined || cursor === "") return undefined;
  const bytes = Buffer.from(cursor, "base64url");
  const key = bytes.toString();
  // Encoding the key again catches every kind of damage: foreign characters, missing bytes, bytes that are
  // not UTF-8. No key is longer than the limit.
  if (cursorOf(key) !== cursor || bytes.length > KEY_BYTES_MAX) {
    throw new KvError("cursor_invalid", "Invalid cursor. Please pass the cursor of the previous page.", {
      hint: "A cursor is the text that list() returned, unchanged; leave it out to start over.",
    });
  }
  return key;
}
