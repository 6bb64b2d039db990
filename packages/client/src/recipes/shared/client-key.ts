import { sha256Hex } from "./digest.js";
import { CLIENT_KEY_LENGTH_MAX } from "./limits.js";

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Key parts for a text chosen by a client (a user id, the name of a page): the text itself, or its
 * SHA-256 if it is empty, too long or not valid Unicode. A hash has one more part, so that no text
 * equals the hash of another text.
 */
export async function clientKeyParts(text: string): Promise<readonly string[]> {
  const fits =
    text !== "" &&
    text.length <= CLIENT_KEY_LENGTH_MAX &&
    !text.startsWith(HASHED) &&
    !LONE_SURROGATE.test(text);
  // Hashes the JSON form, because UTF-8 encodes all lone surrogates the same.
  return fits ? [text] : ["sha256", await sha256Hex(JSON.stringify(text))];
}

/** Prefix of a name that stands for a hash. */
const HASHED = "\0";

/** The same as a single text. {@link partsOfName} converts it back to parts. */
export async function clientName(text: string): Promise<string> {
  const [only = "", hash] = await clientKeyParts(text);
  return hash === undefined ? only : HASHED + hash;
}

export function partsOfName(name: string): readonly string[] {
  return name.startsWith(HASHED) ? ["sha256", name.slice(HASHED.length)] : [name];
}
