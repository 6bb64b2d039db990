import { text } from "./coerce.js";
import { KvError } from "./errors.js";
import { KEY_BYTES_MAX } from "./limits.js";

/**
 * The key argument of an operation on one key. Everything else about a key is the backend's to check.
 *
 * @throws TypeError for the names that no URL can carry, as Workers KV's runtime does
 */
export function keyName(key: unknown): string {
  const name = text(key);
  if (name === "") throw new TypeError("Key name cannot be empty.");
  if (name === "." || name === "..") throw new TypeError(`"${name}" is not allowed as a key name.`);
  return name;
}

/**
 * Throws unless `key` may name an entry. Its texts are those of Workers KV's backend.
 *
 * @throws KvError `key_invalid`, `key_too_long`
 */
export function checkKey(key: string): void {
  if (key === "") throw new KvError("key_invalid", "Key names must not be empty");
  if (key === "." || key === "..") {
    throw new KvError("key_invalid", `Illegal key name "${key}". Please use a different name.`);
  }
  checkKeyText(key);
}

/** As {@link checkKey} for a bound of a list (prefix, start, end), which may be any part of a key. */
export function checkKeyText(name: string): void {
  checkWellFormed(name);
  // A UTF-16 unit is at most three bytes of UTF-8: nearly every key is accepted without counting.
  if (name.length * 3 <= KEY_BYTES_MAX) return;
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > KEY_BYTES_MAX) {
    throw new KvError(
      "key_too_long",
      `UTF-8 encoded length of ${bytes} exceeds key length limit of ${KEY_BYTES_MAX}.`,
      { hint: "Shorten the key, or store a hash of it." },
    );
  }
}

/** A lone surrogate has no UTF-8 form, so it would silently name another key. */
export function checkWellFormed(name: string): void {
  if (!isWellFormed(name)) throw new KvError("key_invalid", "Could not URL-decode key name");
}

/**
 * Whether a text has a UTF-8 form: no half of a surrogate pair. Older engines lack the method. Where it exists it is
 * several times faster, and every read calls it.
 */
export function isWellFormed(name: string & { isWellFormed?(): boolean }): boolean {
  return name.isWellFormed ? name.isWellFormed() : !/\p{Surrogate}/u.test(name);
}
