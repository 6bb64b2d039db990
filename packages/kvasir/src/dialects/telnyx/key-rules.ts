import { KvError } from "@kvasir/client/namespace";
import { KEY_LENGTH_MAX } from "./limits.js";

/**
 * Throws unless a raw namespace accepts `key`. Only writes are checked: entries that other dialects stored
 * can be read, listed and deleted here under any name.
 *
 * @throws KvError `key_invalid`, `key_too_long`
 */
export function checkRawKey(key: string): void {
  if (!/^[-/_=.a-zA-Z0-9]+$/.test(key)) {
    throw new KvError("key_invalid", "Invalid key name", {
      hint: "A key consists of letters, digits and - _ / = . only.",
    });
  }
  if (key.startsWith("_")) {
    throw new KvError("key_invalid", "Key names that begin with an underscore are reserved", {
      hint: "Choose another first character.",
    });
  }
  if (key.length > KEY_LENGTH_MAX) {
    throw new KvError("key_too_long", `Key length of ${key.length} exceeds the limit of ${KEY_LENGTH_MAX}`, {
      hint: "Shorten the key, or store a hash of it.",
    });
  }
}
