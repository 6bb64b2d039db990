import { type KVNamespace, kvNamespace } from "@kvasir/client/namespace";
import { Catalog } from "./rules/catalog.js";
import { lazyNamespace } from "./rules/lazy-namespace.js";
import { Namespace, type NamespaceRules } from "./rules/namespace.js";
import type { Clock } from "./store/clock.js";
import type { Store } from "./store/store.js";

/** A store and its namespaces. Returned by {@link open}. */
export class Database {
  readonly store: Store;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly #rules: NamespaceRules;

  constructor(store: Store, options: { readonly clock: Clock; readonly rules: NamespaceRules }) {
    this.store = store;
    this.clock = options.clock;
    this.catalog = new Catalog(store.namespaces);
    this.#rules = options.rules;
  }

  /**
   * Returns the namespace with this title. The first operation creates it if it does not exist.
   *
   * @example
   * const sessions = database.namespace("sessions");
   * await sessions.put("user:1", "Ada", { expirationTtl: 3600 });
   */
  namespace(title: string): KVNamespace {
    return kvNamespace(
      lazyNamespace(async () => this.#namespace((await this.catalog.ensureTitle(title)).id)),
    );
  }

  /**
   * Returns the namespace with this id. Its operations reject with `namespace_not_found` if it does not
   * exist.
   */
  namespaceById(id: string): KVNamespace {
    return kvNamespace(this.#namespace(id));
  }

  /** Finishes the writes in progress. All later operations reject with `unavailable`. */
  close(): Promise<void> {
    return this.store.close();
  }

  #namespace(id: string): Namespace {
    return new Namespace(this.store, id, { clock: this.clock, rules: this.#rules });
  }
}
