import { type Clock, Namespace, type NamespaceRules, type Store } from "@kvasir/store";
import { NAMESPACE_CACHE_MAX, NAMESPACE_ID_LENGTH_MAX } from "../http/limits.js";

/**
 * Namespace objects by id. They hold no state, so an object for a namespace that does not exist does no harm.
 */
export class NamespaceCache {
  readonly #namespaces = new Map<string, Namespace>();
  readonly #store: Store;
  /**
   * Checked first: comparing two strings is cheaper than hashing one, and most requests use the same
   * namespace.
   */
  #last: Namespace | undefined;
  readonly #options: { readonly clock: Clock; readonly rules: NamespaceRules };

  constructor(store: Store, options: { readonly clock: Clock; readonly rules: NamespaceRules }) {
    this.#store = store;
    this.#options = options;
  }

  get(id: string): Namespace {
    if (this.#last?.id === id) return this.#last;
    this.#last = this.#find(id);
    return this.#last;
  }

  #find(id: string): Namespace {
    const known = this.#namespaces.get(id);
    if (known !== undefined) return known;
    // No namespace has such an id, and ten thousand of these would fill the memory.
    if (id.length > NAMESPACE_ID_LENGTH_MAX) return new Namespace(this.#store, id, this.#options);
    // Requests for ids that do not exist could fill the cache, so it is bounded. Later requests fill it
    // again.
    if (this.#namespaces.size >= NAMESPACE_CACHE_MAX) this.#namespaces.clear();
    // Copied, because a slice of a request's text keeps the whole text in memory.
    const own = Buffer.from(id).toString();
    const namespace = new Namespace(this.#store, own, this.#options);
    this.#namespaces.set(own, namespace);
    return namespace;
  }
}
