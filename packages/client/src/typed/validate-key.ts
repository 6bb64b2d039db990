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
  // A UTF-16 unit is at most three bytes of UTF-8: nearly every key passes without being encoded.
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
 * The key as the binding sees it. Where the original checks the key alone and leaves prefix and key together to
 * fail in the binding, this checks both.
 *
 * @throws ValidationError as {@link validateKey}, and for `.` and `..` (`WORKKIT_KV_RESERVED_KEY`), which no URL
 * can carry
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
