import { KEY_BYTES_MAX } from "../namespace/limits.js";
import { ValidationError } from "./errors/failures.js";
import { prefixKey } from "./prefix.js";

/**
 * Checks that `key` is a string of 1 to 512 UTF-8 bytes.
 *
 * @throws ValidationError with issue code `WORKKIT_KV_EMPTY_KEY` or `WORKKIT_KV_KEY_TOO_LONG`
 */
export function validateKey(key: string): void {
  if (typeof key !== "string" || key === "") {
    throw invalidKey("KV key must be a non-empty string", "WORKKIT_KV_EMPTY_KEY");
  }
  // A UTF-16 unit has at most three bytes in UTF-8, so nearly all keys need no encoding.
  if (key.length * 3 <= KEY_BYTES_MAX) return;
  const bytes = new TextEncoder().encode(key).length;
  if (bytes > KEY_BYTES_MAX) {
    throw invalidKey(
      `KV key exceeds the maximum size of ${KEY_BYTES_MAX} bytes (got ${bytes} bytes)`,
      "WORKKIT_KV_KEY_TOO_LONG",
    );
  }
}

/**
 * The complete key for the binding. The original checks only the key, and lets the combination with the
 * prefix fail in the binding. This checks both.
 *
 * @throws ValidationError like {@link validateKey}, and for `.` and `..` (`WORKKIT_KV_RESERVED_KEY`),
 *   which cannot be part of a URL
 */
export function fullKey(prefix: string, key: string): string {
  validateKey(key);
  if (prefix !== "") validateKey(prefix + key);
  const full = prefixKey(prefix, key);
  if (full === "." || full === "..") {
    throw invalidKey(`KV key must not be "${full}"`, "WORKKIT_KV_RESERVED_KEY");
  }
  return full;
}

function invalidKey(message: string, code: string): ValidationError {
  return new ValidationError(message, [{ path: ["key"], message, code }]);
}
