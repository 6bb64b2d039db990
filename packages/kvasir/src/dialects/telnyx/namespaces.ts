import { KvError } from "@kvasir/client/namespace";
import type { Catalog, MaybePromise, Namespace, NamespaceRecord } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import { checkNamespace, type Principal } from "../../api/auth/scope.js";
import { NamespaceCache } from "../../api/namespace-cache.js";
import { possibleIds } from "../../wire/namespace-id-forms.js";
import { conflictError } from "./errors.js";
import { namespaceTextOf } from "./paths.js";
import { encodingOf, type ValueEncoding } from "./value-encoding.js";

/** A namespace as one request uses it. */
export interface OpenNamespace {
  readonly entries: Namespace;
  readonly encoding: ValueEncoding;
}

/** The namespaces of a store with the names and rules of this API. */
export class TelnyxNamespaces {
  readonly #catalog: Catalog;
  readonly #cache: NamespaceCache;
  /** The ids of namespaces that this process is deleting. */
  readonly #deleting = new Set<string>();

  constructor({ store, catalog, clock }: ApiContext) {
    this.#catalog = catalog;
    this.#cache = new NamespaceCache(store, { clock, rules: { ttlSecondsMin: 1 } });
  }

  /**
   * The namespace that a request names, in any form of its id. Every route with a namespace must call this:
   * the text in the path is not the id, so the server cannot check a token's namespaces before.
   *
   * @throws KvError `namespace_not_found`, `forbidden` if the token is bound to other namespaces
   */
  find(exchange: ApiExchange): MaybePromise<NamespaceRecord> {
    const text = namespaceTextOf(exchange);
    const ids = possibleIds(text);
    const found = this.#first(ids, 0);
    const check = (record: NamespaceRecord | null) => {
      const known = visible(exchange.matched.principal, { record, ids, text });
      exchange.matched.namespaceId = known.id;
      return known;
    };
    return found instanceof Promise ? found.then(check) : check(found);
  }

  /**
   * Like {@link find}, for access to the keys.
   *
   * @throws KvError also a conflict while the namespace is being deleted
   */
  open(exchange: ApiExchange): MaybePromise<OpenNamespace> {
    const found = this.find(exchange);
    return found instanceof Promise ? found.then((record) => this.#opened(record)) : this.#opened(found);
  }

  isDeleting({ id }: NamespaceRecord): boolean {
    return this.#deleting.has(id);
  }

  /** @throws KvError a conflict if the namespace is already being deleted, `namespace_not_found` */
  async delete(record: NamespaceRecord): Promise<void> {
    if (this.isDeleting(record)) throw conflictError("The namespace is being deleted already");
    this.#deleting.add(record.id);
    try {
      await this.#catalog.delete(record.id);
    } finally {
      this.#deleting.delete(record.id);
    }
  }

  #opened(record: NamespaceRecord): OpenNamespace {
    if (this.isDeleting(record)) throw conflictError("Namespace is not ready (status: deleting)");
    return { entries: this.#cache.get(record.id), encoding: encodingOf(record) };
  }

  #first(ids: readonly string[], at: number): MaybePromise<NamespaceRecord | null> {
    const id = ids[at];
    if (id === undefined) return null;
    const found = this.#catalog.get(id);
    if (found instanceof Promise) return found.then((record) => record ?? this.#first(ids, at + 1));
    return found ?? this.#first(ids, at + 1);
  }
}

/** A token that is bound to other namespaces must not reveal whether this one exists. */
function visible(
  principal: Principal,
  {
    record,
    ids,
    text,
  }: { readonly record: NamespaceRecord | null; readonly ids: string[]; readonly text: string },
): NamespaceRecord {
  if (record !== null) {
    checkNamespace(principal, record.id);
    return record;
  }
  if (!ids.some((id) => principal.namespaces?.has(id))) checkNamespace(principal, text);
  throw new KvError("namespace_not_found", "The namespace does not exist or is not accessible", {
    hint: "GET /v2/storage/kvs lists the namespaces.",
  });
}
