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

  /** @throws KvError `option_invalid`, `key_too_long` */
  entry(key: string): string {
    return recipeKey(this.#prefix, "entry", nonEmptyText("key", key));
  }

  /** Of whoever computes the entry. */
  lease(key: string): string {
    return recipeKey(this.#prefix, "lease", key);
  }

  /** @throws KvError `option_invalid`, `key_too_long` */
  tag(tag: string): string {
    if (tag.startsWith(RESPONSE_TAG)) {
      return recipeKey(this.#prefix, "responses", tag.slice(RESPONSE_TAG.length));
    }
    return recipeKey(this.#prefix, "tag", nonEmptyText("tag", tag));
  }
}
