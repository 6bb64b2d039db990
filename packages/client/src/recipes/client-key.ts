import { sha256Hex } from "./digest.js";
import { CLIENT_KEY_LENGTH_MAX } from "./limits.js";

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * What a client chose (a user's id, the name of a page), as parts of a key: itself, or its SHA-256 where it is empty, long,
 * or no text that a store takes. A hash has a part more than the others, so that no text is another's hash.
 */
export async function clientKeyParts(text: string): Promise<readonly string[]> {
  const fits =
    text !== "" &&
    text.length <= CLIENT_KEY_LENGTH_MAX &&
    !text.startsWith(HASHED) &&
    !LONE_SURROGATE.test(text);
  // As JSON, for UTF-8 has one and the same form for all halves of surrogate pairs.
  return fits ? [text] : ["sha256", await sha256Hex(JSON.stringify(text))];
}

/** Begins a name that stands for a hash. */
const HASHED = "\0";

/** The same as one text, from which {@link partsOfName} gets the parts. */
export async function clientName(text: string): Promise<string> {
  const [only = "", hash] = await clientKeyParts(text);
  return hash === undefined ? only : HASHED + hash;
}

export function partsOfName(name: string): readonly string[] {
  return name.startsWith(HASHED) ? ["sha256", name.slice(HASHED.length)] : [name];
}
