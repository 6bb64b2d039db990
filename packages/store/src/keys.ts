import { KEY_BYTES_MAX, KvError } from "@kvasir/client";

/**
 * Throws unless `key` is a valid key for an entry.
 *
 * @throws KvError `key_invalid`, `key_too_long` with the texts of Workers KV's backend
 */
export function checkKey(key: string): void {
  if (key === "") throw new KvError("key_invalid", "Key names must not be empty");
  if (key === "." || key === "..") {
    throw new KvError("key_invalid", `Illegal key name "${key}". Please use a different name.`);
  }
  checkKeyText(key);
}

/** Like {@link checkKey}, for a bound of a list (prefix, start, end), which may be any part of a key. */
export function checkKeyText(text: string): void {
  // A lone surrogate has no UTF-8 form, so the key would come back as a different one.
  if (!isWellFormed(text)) throw new KvError("key_invalid", "Could not URL-decode key name");
  // A UTF-16 unit takes at most three bytes of UTF-8, so nearly every key is accepted without counting its
  // bytes.
  if (text.length * 3 <= KEY_BYTES_MAX) return;
  const bytes = Buffer.byteLength(text);
  if (bytes > KEY_BYTES_MAX) {
    throw new KvError(
      "key_too_long",
      `UTF-8 encoded length of ${bytes} exceeds key length limit of ${KEY_BYTES_MAX}.`,
      { hint: "Shorten the key, or store a hash of it." },
    );
  }
}

/** Node 20 has `String.prototype.isWellFormed`, but the `lib` that we compile with does not declare it. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}
