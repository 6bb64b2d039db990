import type { MaybePromise } from "@kvasir/client/namespace";
import type { Entry, Key } from "./entry.js";
import type { KeyRange, ListPage, ListQuery } from "./listing.js";
import type {
  Check,
  Condition,
  IncrementOutcome,
  Mutation,
  PutInput,
  StagedValue,
  WriteOutcome,
} from "./write.js";

/**
 * The entries of all namespaces. `namespace` is an id; each operation throws `namespace_not_found` for one
 * that does not exist. Conditions and counters are single operations here, never a read followed by a write
 * above the engine.
 */
export interface Entries {
  /**
   * @param staleMsMax how old the result may be, for a store that does not look at the data for every read
   */
  get(namespace: string, key: Key, staleMsMax?: number): MaybePromise<Entry | null>;
  /** In the order of `keys`. */
  getMany(
    namespace: string,
    keys: readonly Key[],
    staleMsMax?: number,
  ): MaybePromise<readonly (Entry | null)[]>;
  list(namespace: string, query: ListQuery): MaybePromise<ListPage>;
  /** Live entries in the range. Costs what it counts, in slices that let other work through. */
  count(namespace: string, range: KeyRange): Promise<number>;

  /**
   * Stores a value part by part without holding it in memory, for a put of `key` that follows.
   *
   * @throws KvError `value_too_large` as soon as `bytesMax` is passed, with the number of bytes seen so far
   */
  stage(
    namespace: string,
    key: Key,
    parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    options: { readonly bytesMax: number },
  ): Promise<StagedValue>;

  // Writes resolve when they are durable.
  put(namespace: string, key: Key, input: PutInput, condition?: Condition): Promise<WriteOutcome>;
  delete(namespace: string, key: Key, condition?: Condition): Promise<WriteOutcome>;
  /**
   * @throws KvError `value_not_integer` when what is stored is not a safe integer in decimal, or the sum is
   *   not safe
   */
  increment(namespace: string, key: Key, by: number, expirationMs: number | null): Promise<IncrementOutcome>;
  touch(
    namespace: string,
    key: Key,
    expirationMs: number | null,
    condition?: Condition,
  ): Promise<WriteOutcome>;
  /** All or nothing, at one version; `null` when a check failed. */
  commit(namespace: string, checks: readonly Check[], mutations: readonly Mutation[]): Promise<number | null>;
  /** Each mutation is atomic, all of them together are not. Resolves when all are durable. */
  writeMany(namespace: string, mutations: readonly Mutation[]): Promise<readonly WriteOutcome[]>;
  /**
   * Deletes every live entry of a range, and returns how many there were. Each delete is atomic, all of them
   * together are not: entries that are written into the range meanwhile may survive.
   */
  deleteRange(namespace: string, range: KeyRange): Promise<number>;
}
