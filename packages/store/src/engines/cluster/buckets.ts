import { KvError } from "@kvasir/client/namespace";
import { notFoundError } from "../../store/errors.js";
import type { Catalog, StoredNamespace } from "./catalog.js";
import { Refusal } from "./connection.js";
import { corruptError } from "./errors.js";
import { type Bucket, bucketNumber, tagOf } from "./layout.js";
import type { Session } from "./session.js";

/** Runs operations on the buckets of a namespace. */
export class Buckets {
  readonly #session: Session;
  readonly #catalog: Catalog;

  constructor(session: Session, catalog: Catalog) {
    this.#session = session;
    this.#catalog = catalog;
  }

  /**
   * Calls `work` with the namespace. When its buckets say that it has ended, and another one has its id by
   * now, calls it again: nothing was done the first time.
   *
   * @throws KvError `namespace_not_found`
   */
  within<T>(id: string, work: (namespace: StoredNamespace) => Promise<T>): Promise<T> {
    return this.#session.run(async () => {
      const found = this.#catalog.get(id);
      // Without a turn in between, so that operations keep their order.
      const namespace = found instanceof Promise ? await found : found;
      try {
        return await work(namespace);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (error.code !== "KVENDED") throw ofScript(error);
        this.#catalog.forget(id);
        const now = await this.#catalog.get(id);
        if (now.generation === namespace.generation) throw notFoundError(id);
        return await work(now);
      }
    });
  }
}

/** The bucket that holds a key. */
export function bucketOf({ buckets }: StoredNamespace, key: string): Bucket {
  const bucket = buckets[bucketNumber(key, buckets.length)];
  if (bucket === undefined) throw new TypeError(`A namespace has ${buckets.length} buckets.`);
  return bucket;
}

/** Numbers of items by the buckets of their keys. */
export function groupByBucket<T>(
  namespace: StoredNamespace,
  items: readonly T[],
  keyOf: (item: T) => string,
): ReadonlyMap<Bucket, readonly number[]> {
  const groups = new Map<Bucket, number[]>();
  for (const [at, item] of items.entries()) {
    const bucket = bucketOf(namespace, keyOf(item));
    const group = groups.get(bucket);
    if (group === undefined) groups.set(bucket, [at]);
    else group.push(at);
  }
  return groups;
}

/**
 * The bucket of a commit.
 *
 * @throws KvError `bad_request` when its keys do not share a tag. In a namespace of one bucket they need not.
 */
export function bucketOfAll(namespace: StoredNamespace, keys: readonly string[]): Bucket {
  const [first = ""] = keys;
  if (namespace.buckets.length > 1) {
    const other = keys.find((key) => tagOf(key) !== tagOf(first));
    if (other !== undefined) throw tagsError(first, other);
  }
  return bucketOf(namespace, first);
}

function tagsError(one: string, other: string): KvError {
  const [a, b] = [one, other].map((key) => JSON.stringify(tagOf(key)));
  return new KvError(
    "bad_request",
    `The keys of one atomic() must share a {tag}; these have ${a} and ${b}.`,
    {
      hint: 'Write the shared part in braces, for example "{user:1}profile" and "{user:1}orders"; give a recipe such a prefix.',
    },
  );
}

function ofScript(error: Refusal): Error {
  return error.code === "WRONGTYPE" ? corruptError("An entry in the cluster") : error;
}
