import { partsOfName } from "../shared/client-key.js";
import { recipeKey } from "../shared/key.js";
import { nonEmptyText } from "../shared/options.js";

/** Prefix of the tags that the cache itself gives to responses. Callers cannot use it. */
export const RESPONSE_TAG = "\0";

/** The keys of a cache's entries. */
export class CacheKeys {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** @param key a name returned by `clientName` */
  entry(key: string): string {
    return recipeKey(this.#prefix, "entry", ...partsOfName(key));
  }

  /** The key of the lease for computing the entry. */
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
