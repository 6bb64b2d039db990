import type { MaybePromise } from "@kvasir/client/namespace";
import { notFoundError } from "../../store/errors.js";
import type { NamespaceRecord } from "../../store/namespaces.js";
import { clearTimeout, setTimeout } from "../../store/timers.js";
import { type Bucket, bucketsOf, type Partition } from "./layout.js";
import { CATALOG_CACHED_MAX, CATALOG_FRESH_MS, CATALOG_PATIENCE_MS, CATALOG_STALE_MS } from "./limits.js";
import { Recent } from "./recent.js";
import type { Session } from "./session.js";

/** A namespace as the catalog has it. */
export interface StoredNamespace {
  readonly record: NamespaceRecord;
  /** Of random letters. A namespace that is created again under the same id has another one. */
  readonly generation: string;
  readonly buckets: readonly Bucket[];
  /** The version at which it began: all versions of its entries pass it. */
  readonly begin: number;
  /** The row itself, for changes that must not overwrite another. */
  readonly row: string;
}

/** What a row of the catalog holds after its version. */
export interface CatalogRow extends NamespaceRecord {
  readonly generation: string;
  readonly buckets: number;
}

/** Keys of the catalog. All are in one slot, so that a script changes them together. */
export interface CatalogKeys {
  readonly partition: Partition;
  /** Hash: from ids to rows. */
  readonly namespaces: string;
  /** Hash: from titles to ids. */
  readonly titles: string;
  /** Hash: from generations of deleted namespaces to their rows, until their entries are reclaimed. */
  readonly ended: string;
  readonly sweepLease: string;
}

export function catalogKeys([partition]: readonly Partition[]): CatalogKeys {
  if (partition === undefined) throw new TypeError("A store has partitions.");
  const { prefix } = partition;
  return {
    partition,
    namespaces: `${prefix}n`,
    titles: `${prefix}t`,
    ended: `${prefix}z`,
    sweepLease: `${prefix}w`,
  };
}

/**
 * The namespaces of the store. Each operation needs the record of its namespace, so records are cached for a
 * moment; a write to a namespace that has ended meanwhile is refused by its bucket.
 */
export class Catalog {
  readonly keys: CatalogKeys;
  readonly #session: Session;
  readonly #recent: Recent<StoredNamespace | null>;

  constructor(session: Session) {
    this.#session = session;
    this.keys = catalogKeys(session.partitions);
    this.#recent = new Recent({
      find: (id) => this.#look(id),
      keeps: (namespace) => namespace !== null,
      freshMs: CATALOG_FRESH_MS,
      staleMs: CATALOG_STALE_MS,
      valuesMax: CATALOG_CACHED_MAX,
    });
  }

  /** At most {@link CATALOG_STALE_MS} old. @throws KvError `namespace_not_found` */
  get(id: string): MaybePromise<StoredNamespace> {
    const found = this.#recent.get(id);
    return found instanceof Promise ? found.then((namespace) => namespace ?? fail(id)) : (found ?? fail(id));
  }

  /** As it is now. */
  async find(id: string): Promise<StoredNamespace | null> {
    const { partition, namespaces } = this.keys;
    const row = await this.#session.read(partition, ["HGET", namespaces, id]);
    return row === null ? null : this.#parsed(id, String(row));
  }

  /** All of them, as they are now. */
  async all(): Promise<readonly StoredNamespace[]> {
    const { partition, namespaces } = this.keys;
    const rows = await this.#session.read(partition, ["HVALS", namespaces]);
    return (rows as readonly unknown[]).map((row) => this.parse(String(row)));
  }

  /** Generations of deleted namespaces whose entries are not reclaimed. */
  async ended(): Promise<readonly StoredNamespace[]> {
    const { partition, ended } = this.keys;
    const rows = await this.#session.plainRead(partition, ["HVALS", ended]);
    return (rows as readonly unknown[]).map((row) => this.parse(String(row)));
  }

  /** Makes the next operation look at the cluster: the namespace was changed. */
  forget(id: string): void {
    this.#recent.forget(id);
  }

  /**
   * Looks for a namespace. If it is known and the catalog does not reply soon, its buckets are asked: a
   * namespace whose shards are there works on while that of the catalog is away. `null`: there is none, or it
   * has ended.
   */
  #look(id: string): Promise<StoredNamespace | null> {
    const known = this.#recent.peek(id);
    const row = this.#row(id);
    if (known === undefined || known === null) return row;
    return new Promise((resolve, reject) => {
      const ask = () => this.#askBuckets(known).then((hasEnded) => resolve(hasEnded ? null : known));
      const timer = setTimeout(() => void ask().catch(() => {}), CATALOG_PATIENCE_MS);
      row.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /** Whether the buckets have a mark that the namespace has ended. The first reply decides. */
  async #askBuckets({ buckets }: StoredNamespace): Promise<boolean> {
    const asked = buckets.map((bucket) => this.#session.plainRead(bucket, ["HEXISTS", bucket.entries, ""]));
    return (await Promise.any(asked)) === 1;
  }

  /** A row that is there needs no proof that its node is the primary: if it is old, the buckets say so. */
  async #row(id: string): Promise<StoredNamespace | null> {
    const { partition, namespaces } = this.keys;
    const row = await this.#session.plainRead(partition, ["HGET", namespaces, id]);
    return row === null ? await this.find(id) : this.#parsed(id, String(row));
  }

  /** The same object as long as nothing changed: its buckets take a while to make. */
  #parsed(id: string, row: string): StoredNamespace {
    const known = this.#recent.peek(id);
    return known?.row === row ? known : this.parse(row);
  }

  /** A namespace by its row. */
  parse(row: string): StoredNamespace {
    const space = row.indexOf(" ");
    const parsed = JSON.parse(row.slice(space + 1)) as CatalogRow;
    const { generation, buckets, ...record } = parsed;
    const begin = Number(row.slice(0, space));
    let made: readonly Bucket[] | undefined;
    const { partitions } = this.#session;
    return {
      record,
      generation,
      get buckets() {
        made ??= bucketsOf(partitions, { generation, begin, buckets });
        return made;
      },
      begin,
      row,
    };
  }
}

function fail(id: string): never {
  throw notFoundError(id);
}
