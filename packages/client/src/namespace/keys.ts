import { text } from "./coerce.js";
import { KvError } from "./errors.js";
import { KEY_BYTES_MAX } from "./limits.js";

/**
 * The key argument of a single-key operation.
 *
 * @throws TypeError for the names that no URL can carry
 * @throws KvError `key_too_long`, `key_invalid`
 */
export function keyName(key: unknown): string {
  const name = text(key);
  if (name === "") throw new TypeError("Key name cannot be empty.");
  if (name === "." || name === "..") throw new TypeError(`"${name}" is not allowed as a key name.`);
  // A UTF-16 unit is at most three bytes of UTF-8: nearly every key is accepted without counting.
  if (name.length * 3 > KEY_BYTES_MAX) {
    const bytes = new TextEncoder().encode(name).length;
    if (bytes > KEY_BYTES_MAX) {
      throw new KvError(
        "key_too_long",
        `UTF-8 encoded length of ${bytes} exceeds key length limit of ${KEY_BYTES_MAX}.`,
      );
    }
  }
  checkWellFormed(name);
  return name;
}

/** A lone surrogate has no UTF-8 form, so it would silently name another key. */
export function checkWellFormed(name: string | undefined): void {
  if (name !== undefined && !isWellFormed(name)) {
    throw new KvError("key_invalid", "Could not URL-decode key name");
  }
}

/** Older engines lack the method; it is there for it is several times faster, on every single read. */
function isWellFormed(name: string & { isWellFormed?(): boolean }): boolean {
  return name.isWellFormed ? name.isWellFormed() : !/\p{Surrogate}/u.test(name);
}
