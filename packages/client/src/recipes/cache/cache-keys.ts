import { partsOfName } from "../client-key.js";
import { recipeKey } from "../key.js";
import { nonEmptyText } from "../options.js";

/** Begins the tags that a cache gives to responses by itself; no tag of a caller may. */
export const RESPONSE_TAG = "\0";

/** Where a cache's entries lie. */
export class CacheKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** @param key a name of `clientName` */
  entry(key: string): string {
    return recipeKey(this.#prefix, "entry", ...partsOfName(key));
  }

  /** Of whoever computes the entry. */
  lease(key: string): string {
    return recipeKey(this.#prefix, "lease", ...partsOfName(key));
  }

  /** @throws KvError `option_invalid`, `key_too_long` */
  tag(tag: string): string {
    if (tag.startsWith(RESPONSE_TAG)) {
      return recipeKey(this.#prefix, "responses", tag.slice(RESPONSE_TAG.length));
    }
    return recipeKey(this.#prefix, "tag", nonEmptyText("tag", tag));
  }
}
