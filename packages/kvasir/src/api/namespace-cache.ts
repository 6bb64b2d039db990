import { type Clock, Namespace, type NamespaceRules, type Store } from "@kvasir/store";
import { NAMESPACE_CACHE_MAX, NAMESPACE_ID_LENGTH_MAX } from "../http/limits.js";

/** Namespace objects by id. They hold no state, so one for a namespace that is gone, or never was, does no harm. */
export class NamespaceCache {
  readonly #namespaces = new Map<string, Namespace>();
  readonly #store: Store;
  /** Asked for first: comparing two texts is cheaper than hashing one, and most requests are about the same. */
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
    // No namespace has it, and ten thousand of these would fill the memory.
    if (id.length > NAMESPACE_ID_LENGTH_MAX) return new Namespace(this.#store, id, this.#options);
    // Whoever asks for ids that do not exist can fill it, so it is bounded; the next requests fill it again.
    if (this.#namespaces.size >= NAMESPACE_CACHE_MAX) this.#namespaces.clear();
    // Copied: a part of a request keeps the whole of it in memory.
    const own = Buffer.from(id).toString();
    const namespace = new Namespace(this.#store, own, this.#options);
    this.#namespaces.set(own, namespace);
    return namespace;
  }
}
