import type { KvError } from "@kvasir/client";
import { type Clock, systemClock } from "../clock.js";
import type {
  Change,
  Check,
  Condition,
  Entry,
  Key,
  KeyRange,
  ListPage,
  ListQuery,
  Mutation,
  NamespacePage,
  NamespaceQuery,
  NamespaceRecord,
  NewNamespace,
  PutInput,
  RecordTable,
  StagedValue,
  Store,
  StoreSupport,
  WatchQuery,
  WriteOutcome,
} from "../store.js";
import { checkTables } from "./check.js";
import type { Operation } from "./committer.js";
import {
  commitEntries,
  deleteEntry,
  incrementEntry,
  mutateEntry,
  putEntry,
  touchEntry,
  type WriteSite,
} from "./entry-writes.js";
import { type Durability, type Environment, openEnvironment } from "./environment.js";
import { closedError, storageError } from "./errors.js";
import { STAGE_BATCH_BYTES } from "./limits.js";
import { findNamespace, pageOfNamespaces } from "./namespace-table.js";
import { createNamespace, deleteNamespace, recordOf, renameNamespace } from "./namespaces.js";
import { Reader } from "./reader.js";
import { JsonRecords } from "./records.js";
import { type Parts, stageValue } from "./staging.js";
import { makeRoom, Sweeper } from "./sweeper.js";
import { rowsOf, type TableName } from "./tables.js";
import { Watchers } from "./watch.js";

export interface LmdbStoreOptions {
  /** The source of time. @default the system's clock */
  readonly clock?: Clock | undefined;
  /**
   * With `strict`, a write resolves when it is on disk. With `relaxed`, it resolves when every process sees
   * it, and the operating system flushes later. A crash of the process then loses nothing. A crash of the
   * machine loses the last writes and may damage the file, so use it only for data that can be made again.
   * @default "strict"
   */
  readonly durability?: Durability | undefined;
  /** Called when the open data has been moved, removed or replaced. Called once until the data is back. */
  readonly onProblem?: ((error: KvError) => void) | undefined;
}

/**
 * Opens the data in the directory `location`, which is made if it does not exist. With `":memory:"`, the data
 * is gone when the store is closed.
 *
 * @throws KvError `storage_format`, `storage_corrupt`, `storage_full`, `storage_read_only`
 * @example
 * const store = openLmdbStore("./data");
 */
export function openLmdbStore(location: string, options: LmdbStoreOptions = {}): LmdbStore {
  const { clock = systemClock, durability = "strict", onProblem } = options;
  return new LmdbStore(openEnvironment(location, { durability }), clock, onProblem);
}

/**
 * The embedded engine. Reads are synchronous. Writes share transactions and resolve when they are on disk.
 */
export class LmdbStore implements Store {
  readonly supports: StoreSupport = {
    atomicAcrossKeys: true,
    durable: true,
    multiProcess: true,
    strong: true,
  };
  readonly #environment: Environment;
  readonly #clock: Clock;
  readonly #reader: Reader;
  readonly #sweeper: Sweeper;
  readonly #watchers: Watchers;
  readonly #stopListening: readonly (() => void)[];
  /** Writes whose large values are not all on disk yet. */
  readonly #staging = new Set<Promise<unknown>>();
  #closing: Promise<void> | null = null;

  constructor(environment: Environment, clock: Clock, onProblem: (error: KvError) => void = () => {}) {
    const { tables } = environment;
    const guard = () => this.#assertOpen();
    const nowMs = () => clock.nowMs();
    this.#environment = environment;
    this.#clock = clock;
    this.#reader = new Reader(tables, nowMs, guard);
    this.#watchers = new Watchers(environment, guard);
    this.#stopListening = [
      environment.onCommit(() => this.#watchers.committed()),
      environment.files?.onGone((error) => onProblem(error)) ?? (() => {}),
      environment.onFull((transaction, rows) => makeRoom(transaction, { nowMs: nowMs(), rows })),
    ];
    this.#sweeper = new Sweeper(environment, nowMs);
    if (environment.writable) this.#sweeper.start();
  }

  createNamespace(namespace: NewNamespace): Promise<NamespaceRecord> {
    return this.#write((transaction) => createNamespace(transaction, namespace, this.#clock.nowMs()));
  }

  getNamespace(id: string): NamespaceRecord | null {
    this.#assertOpen();
    const namespace = this.#environment.catalog.get(id);
    return namespace === null ? null : recordOf(namespace);
  }

  findNamespace(title: string): NamespaceRecord | null {
    this.#beginRead();
    const namespace = findNamespace(this.#environment.tables, title);
    return namespace === null ? null : recordOf(namespace);
  }

  listNamespaces(query: NamespaceQuery = {}): NamespacePage {
    this.#beginRead();
    const { namespaces, total } = pageOfNamespaces(this.#environment.tables, query);
    return { namespaces: namespaces.map(recordOf), total };
  }

  renameNamespace(id: string, title: string): Promise<NamespaceRecord> {
    return this.#write((transaction) => renameNamespace(transaction, { id, title }, this.#clock.nowMs()));
  }

  deleteNamespace(id: string): Promise<void> {
    return this.#write((transaction) => deleteNamespace(transaction, id, this.#clock.nowMs()));
  }

  get(namespace: string, key: Key): Entry | null {
    this.#assertOpen();
    try {
      return this.#reader.get(this.#environment.catalog.numberOf(namespace), key);
    } catch (error) {
      throw this.#storageError(error);
    }
  }

  getMany(namespace: string, keys: readonly Key[]): readonly (Entry | null)[] {
    this.#assertOpen();
    try {
      const number = this.#environment.catalog.numberOf(namespace);
      return keys.map((key) => this.#reader.get(number, key));
    } catch (error) {
      throw this.#storageError(error);
    }
  }

  list(namespace: string, query: ListQuery): ListPage {
    this.#assertOpen();
    try {
      return this.#reader.list(this.#environment.catalog.numberOf(namespace), query);
    } catch (error) {
      throw this.#storageError(error);
    }
  }

  async count(namespace: string, range: KeyRange): Promise<number> {
    this.#assertOpen();
    try {
      return await this.#reader.count(() => this.#environment.catalog.numberOf(namespace), range);
    } catch (error) {
      throw this.#storageError(error);
    }
  }

  async stage(parts: Parts, { bytesMax }: { readonly bytesMax: number }): Promise<StagedValue> {
    this.#assertOpen();
    return this.#stage(parts, bytesMax);
  }

  put(namespace: string, key: Key, input: PutInput, condition?: Condition): Promise<WriteOutcome> {
    return this.#stagedFirst([input], ([ready = input]) =>
      this.#submitEntry(namespace, (site) => putEntry(site, key, ready, condition), bytesOf(ready)),
    );
  }

  delete(namespace: string, key: Key, condition?: Condition): Promise<WriteOutcome> {
    return this.#writeEntry(namespace, (site) => deleteEntry(site, key, condition));
  }

  increment(
    namespace: string,
    key: Key,
    by: number,
    expirationMs: number | null,
  ): Promise<{ readonly value: number; readonly version: number }> {
    return this.#writeEntry(namespace, (site) => incrementEntry(site, key, by, expirationMs));
  }

  touch(
    namespace: string,
    key: Key,
    expirationMs: number | null,
    condition?: Condition,
  ): Promise<WriteOutcome> {
    return this.#writeEntry(namespace, (site) => touchEntry(site, key, expirationMs, condition));
  }

  commit(
    namespace: string,
    checks: readonly Check[],
    mutations: readonly Mutation[],
  ): Promise<number | null> {
    return this.#stagedFirst(mutations, (ready) => {
      const bytes = ready.reduce((sum, mutation) => sum + bytesOf(mutation), 0);
      return this.#submitEntry(namespace, (site) => commitEntries(site, checks, ready), bytes);
    });
  }

  async writeMany(namespace: string, mutations: readonly Mutation[]): Promise<readonly WriteOutcome[]> {
    const outcomes = await this.#stagedFirst(mutations, (ready) =>
      Promise.allSettled(
        ready.map((mutation) =>
          this.#submitEntry(namespace, (site) => mutateEntry(site, mutation), bytesOf(mutation)),
        ),
      ),
    );
    return outcomes.map((outcome) => {
      if (outcome.status === "rejected") throw outcome.reason;
      return outcome.value;
    });
  }

  version(): number {
    this.#beginRead();
    return this.#watchers.version();
  }

  watch(namespace: string, query: WatchQuery): AsyncIterable<Change> {
    return this.#watchers.watch(namespace, query);
  }

  records(table: "tokens"): RecordTable {
    const { tables, committer } = this.#environment;
    return new JsonRecords(tables[table], committer, () => this.#beginRead());
  }

  health(): void {
    this.version();
    const gone = this.#environment.files?.check() ?? null;
    if (gone !== null) throw gone;
  }

  /**
   * Removes expired entries now, not at the sweeper's next round. Resolves with the number of entries that
   * had expired.
   */
  async sweep(): Promise<number> {
    this.#assertOpen();
    return this.#sweeper.sweep();
  }

  /** Checks all data. Returns one sentence per inconsistency. Blocks the process until it is done. */
  check(): readonly string[] {
    this.#beginRead();
    return checkTables(this.#environment.tables).problems.map(({ message }) => message);
  }

  /** The number of rows of a table, including those of expired entries and deleted namespaces. */
  rowsOf(table: TableName): number {
    this.#beginRead();
    return rowsOf(this.#environment.tables[table]);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#sweeper.stop();
    for (const stop of this.#stopListening) stop();
    // Makes the watchers notice that the store is closed.
    this.#watchers.wakeAll();
    await Promise.allSettled(this.#staging);
    await this.#environment.letGo();
  }

  #writeEntry<T>(namespace: string, operation: (site: WriteSite) => T): Promise<T> {
    if (this.#closing !== null) return Promise.reject(closedError());
    return this.#submitEntry(namespace, operation);
  }

  #submitEntry<T>(namespace: string, operation: (site: WriteSite) => T, bytes = 0): Promise<T> {
    return this.#environment.committer.submit((transaction) => {
      const { number } = transaction.namespace(namespace);
      return operation({ transaction, namespace: number, nowMs: this.#clock.nowMs() });
    }, bytes);
  }

  #write<T>(operation: Operation<T>): Promise<T> {
    if (this.#closing !== null) return Promise.reject(closedError());
    return this.#environment.committer.submit(operation);
  }

  /**
   * Large values in memory are staged first, in several transactions, so that none of them blocks the
   * process. `write` then receives the staged values. If no value is large, `write` is called at once.
   */
  #stagedFirst<I extends PutInput | Mutation, T>(
    inputs: readonly I[],
    write: (ready: readonly I[]) => Promise<T>,
  ): Promise<T> {
    if (this.#closing !== null) return Promise.reject(closedError());
    if (!inputs.some(isLarge)) return write(inputs);
    const written = this.#stageAll(inputs).then(write);
    this.#staging.add(written);
    return written.finally(() => this.#staging.delete(written));
  }

  async #stageAll<I extends PutInput | Mutation>(inputs: readonly I[]): Promise<readonly I[]> {
    const ready: I[] = [];
    for (const input of inputs) {
      if (isLarge(input)) {
        ready.push({ ...input, value: await this.#stage([input.value], input.value.length) });
      } else {
        ready.push(input);
      }
    }
    return ready;
  }

  #stage(parts: Parts, bytesMax: number): Promise<StagedValue> {
    const { committer } = this.#environment;
    return stageValue(parts, bytesMax, { committer, nowMs: () => this.#clock.nowMs() });
  }

  #storageError(error: unknown): KvError {
    return storageError(error, this.#environment.file);
  }

  #beginRead(): void {
    this.#assertOpen();
    this.#environment.snapshots.renew();
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw closedError();
  }
}

/** The memory that a write holds until it is on disk. */
function bytesOf(input: PutInput | Mutation): number {
  return "value" in input && input.value instanceof Uint8Array ? input.value.length : 0;
}

function isLarge<I extends PutInput | Mutation>(input: I): input is I & { readonly value: Uint8Array } {
  return bytesOf(input) > STAGE_BATCH_BYTES;
}
