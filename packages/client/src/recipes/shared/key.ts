import { KvError } from "../../namespace/errors.js";
import { KEY_BYTES_MAX } from "../../namespace/limits.js";

/**
 * Joins a prefix and parts, with `:` between the parts. `:` and `%` inside a part are escaped, so that
 * different lists of parts never make the same key.
 *
 * @throws KvError `key_too_long`, `key_invalid`
 */
export function recipeKey(prefix: string, ...parts: readonly (string | number)[]): string {
  const key = prefix + parts.map(escaped).join(":");
  const bytes = new TextEncoder().encode(key).byteLength;
  if (bytes > KEY_BYTES_MAX) {
    throw new KvError("key_too_long", `The key ${shortened(key)} has ${bytes} bytes; ${KEY_BYTES_MAX} fit.`, {
      hint: "Use a shorter name or prefix, or the hash of a long name.",
    });
  }
  return key;
}

function escaped(part: string | number): string {
  const text = String(part);
  if (text === "") {
    throw new KvError("key_invalid", "A name is empty.", { hint: "Pass a name of at least one character." });
  }
  return text.replace(/[%:]/g, (character) => (character === "%" ? "%25" : "%3A"));
}

/** Reverses the escaping of {@link recipeKey}. */
export function keyPart(escapedPart: string): string {
  return escapedPart.replaceAll("%3A", ":").replaceAll("%25", "%");
}

function shortened(key: string): string {
  return JSON.stringify(`${key.slice(0, 40)}…`);
}
