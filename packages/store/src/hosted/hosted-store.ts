import type { Clock } from "../clock.js";
import type {
  Change,
  Check,
  Condition,
  Entry,
  Key,
  KeyRange,
  ListPage,
  ListQuery,
  MaybePromise,
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
import { seededDraw } from "./draw.js";
import { KeptAnswers } from "./kept-answers.js";
import {
  LARGE_VALUE_KEPT_MS,
  PAGE_VALUE_BYTES_MAX,
  PAGES_KEPT_MAX,
  READS_KEPT_MAX,
  STALE_MS_MAX,
} from "./limits.js";
import { questionOf } from "./question.js";
import { RecentWrites } from "./recent-writes.js";

export interface HostedStoreOptions {
  readonly clock: Clock;
  /** Another seed gives other delays. */
  readonly seed: number;
}

/**
 * A Store that wraps another and behaves as a hosted, eventually consistent service does for a reader far
 * from the writer. It is for tests: code that works here relies only on what such a service promises.
 *
 * - A read repeats the result of an earlier read of the key, including "not found", for up to a minute or the
 *   time that the read allows, even if the key is written meanwhile.
 * - The same holds for a page of a list. A new key takes up to a minute to be listed.
 * - A second put or delete of a key within a second is refused.
 *
 * The delay within "up to" depends only on the seed, the key and the time of the first read. Operations that
 * a hosted service does not have (conditions, counters, several changes at once, `touch`, counts, deletion by
 * prefix, watches) go straight to the wrapped store. A failed condition shows that the last read was stale,
 * so the next read of that key is fresh. Otherwise a loop of reads and conditional writes might never end.
 */
export class HostedStore implements Store {
  readonly supports: StoreSupport;
  readonly #behind: Store;
  readonly #clock: Clock;
  readonly #reads: KeptAnswers<Entry | null>;
  readonly #pages: KeptAnswers<ListPage>;
  readonly #writes: RecentWrites;

  constructor(behind: Store, { clock, seed }: HostedStoreOptions) {
    const draw = seededDraw(seed);
    this.#behind = behind;
    this.#clock = clock;
    this.supports = { ...behind.supports, strong: false };
    this.#reads = new KeptAnswers({ clock, draw, sizeMax: READS_KEPT_MAX });
    this.#pages = new KeptAnswers({ clock, draw, sizeMax: PAGES_KEPT_MAX });
    this.#writes = new RecentWrites({ clock, draw });
  }

  async get(namespace: string, key: Key, staleMsMax = STALE_MS_MAX): Promise<Entry | null> {
    const id = questionOf(namespace, key);
    const kept = this.#keptEntry(id, staleMsMax);
    if (kept !== undefined) return kept.answer;
    const askedMs = this.#clock.nowMs();
    return this.#keepEntry(id, await this.#behind.get(namespace, key), askedMs);
  }

  async getMany(
    namespace: string,
    keys: readonly Key[],
    staleMsMax = STALE_MS_MAX,
  ): Promise<readonly (Entry | null)[]> {
    const kept = keys.map((key) => this.#keptEntry(questionOf(namespace, key), staleMsMax));
    const missing = keys.filter((_, at) => kept[at] === undefined);
    const askedMs = this.#clock.nowMs();
    const found = missing.length === 0 ? [] : await this.#behind.getMany(namespace, missing);
    let next = 0;
    return keys.map((key, at) => {
      const answered = kept[at];
      if (answered !== undefined) return answered.answer;
      return this.#keepEntry(questionOf(namespace, key), found[next++] ?? null, askedMs);
    });
  }

  async list(namespace: string, query: ListQuery): Promise<ListPage> {
    if (query.fresh === true) return this.#behind.list(namespace, query);
    const question = questionOf(namespace, JSON.stringify(query));
    const nowMs = this.#clock.nowMs();
    const kept = this.#pages.find(question, STALE_MS_MAX);
    if (kept !== undefined) return liveAt(kept.answer, nowMs);
    const { entries, after } = await this.#behind.list(namespace, query);
    const page = {
      entries: entries.filter(({ key }) => !this.#writes.isUnlisted(questionOf(namespace, key))),
      after,
    };
    const valueBytes =
      query.values === true ? page.entries.reduce((sum, entry) => sum + entry.valueBytes, 0) : 0;
    if (valueBytes <= PAGE_VALUE_BYTES_MAX) this.#pages.keep(question, page, nowMs);
    return page;
  }

  async put(namespace: string, key: Key, input: PutInput, condition?: Condition): Promise<WriteOutcome> {
    const id = questionOf(namespace, key);
    const write = () => this.#behind.put(namespace, key, input, condition);
    const outcome = await (condition === undefined ? this.#admitted([id], write) : write());
    if (!outcome.ok) this.#reads.forget(id);
    else if (!outcome.existed) this.#writes.created(id);
    return outcome;
  }

  async delete(namespace: string, key: Key, condition?: Condition): Promise<WriteOutcome> {
    const id = questionOf(namespace, key);
    const write = () => this.#behind.delete(namespace, key, condition);
    const outcome = await (condition === undefined ? this.#admitted([id], write) : write());
    if (!outcome.ok) this.#reads.forget(id);
    return outcome;
  }

  async writeMany(namespace: string, mutations: readonly Mutation[]): Promise<readonly WriteOutcome[]> {
    // Only puts are limited, because deletion by prefix, which hosted services do not have, also uses this
    // method.
    const puts = mutations.filter(({ type }) => type === "put").map(({ key }) => questionOf(namespace, key));
    const outcomes = await this.#admitted(puts, () => this.#behind.writeMany(namespace, mutations));
    for (const [at, { type, key }] of mutations.entries()) {
      if (type === "put" && outcomes[at]?.existed === false) this.#writes.created(questionOf(namespace, key));
    }
    return outcomes;
  }

  async touch(
    namespace: string,
    key: Key,
    expirationMs: number | null,
    condition?: Condition,
  ): Promise<WriteOutcome> {
    const outcome = await this.#behind.touch(namespace, key, expirationMs, condition);
    if (!outcome.ok) this.#reads.forget(questionOf(namespace, key));
    return outcome;
  }

  async commit(
    namespace: string,
    checks: readonly Check[],
    mutations: readonly Mutation[],
  ): Promise<number | null> {
    const version = await this.#behind.commit(namespace, checks, mutations);
    if (version === null) for (const { key } of checks) this.#reads.forget(questionOf(namespace, key));
    return version;
  }

  async deleteNamespace(id: string): Promise<void> {
    await this.#behind.deleteNamespace(id);
    for (const remembered of [this.#reads, this.#pages, this.#writes])
      remembered.forgetPrefix(questionOf(id, ""));
  }

  createNamespace(namespace: NewNamespace): Promise<NamespaceRecord> {
    return this.#behind.createNamespace(namespace);
  }

  getNamespace(id: string): MaybePromise<NamespaceRecord | null> {
    return this.#behind.getNamespace(id);
  }

  health(): MaybePromise<void> {
    return this.#behind.health();
  }

  findNamespace(title: string): MaybePromise<NamespaceRecord | null> {
    return this.#behind.findNamespace(title);
  }

  listNamespaces(query?: NamespaceQuery): MaybePromise<NamespacePage> {
    return this.#behind.listNamespaces(query);
  }

  renameNamespace(id: string, title: string): Promise<NamespaceRecord> {
    return this.#behind.renameNamespace(id, title);
  }

  count(namespace: string, range: KeyRange): Promise<number> {
    return this.#behind.count(namespace, range);
  }

  stage(
    parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    options: { readonly bytesMax: number },
  ): Promise<StagedValue> {
    return this.#behind.stage(parts, options);
  }

  increment(
    namespace: string,
    key: Key,
    by: number,
    expirationMs: number | null,
  ): Promise<{ readonly value: number; readonly version: number }> {
    return this.#behind.increment(namespace, key, by, expirationMs);
  }

  version(): MaybePromise<number> {
    return this.#behind.version();
  }

  watch(namespace: string, query: WatchQuery): AsyncIterable<Change> {
    return this.#behind.watch(namespace, query);
  }

  records(table: "tokens"): RecordTable {
    return this.#behind.records(table);
  }

  close(): Promise<void> {
    return this.#behind.close();
  }

  /** Carries out a write within the rate that a hosted service allows. */
  async #admitted<T>(ids: readonly string[], write: () => Promise<T>): Promise<T> {
    this.#writes.admit(ids);
    try {
      return await write();
    } catch (error) {
      this.#writes.failed(ids);
      throw error;
    }
  }

  /** Never returns an expired entry, however long it may be kept. */
  #keptEntry(id: string, staleMsMax: number): { readonly answer: Entry | null } | undefined {
    const kept = this.#reads.find(id, staleMsMax);
    if (kept === undefined || kept.answer === null) return kept;
    const { answer } = kept;
    if (answer.expirationMs !== null && answer.expirationMs <= this.#clock.nowMs()) return undefined;
    const isLarge = !(answer.value instanceof Uint8Array);
    if (isLarge && this.#reads.find(id, Math.min(staleMsMax, LARGE_VALUE_KEPT_MS)) === undefined)
      return undefined;
    return { answer: lent(answer) };
  }

  #keepEntry(id: string, entry: Entry | null, askedMs: number): Entry | null {
    this.#reads.keep(id, entry, askedMs);
    return entry === null ? null : lent(entry);
  }
}

/** Copies the bytes, so that a reader that changes them does not affect the next one. */
function lent(entry: Entry): Entry {
  return entry.value instanceof Uint8Array ? { ...entry, value: entry.value.slice() } : entry;
}

function liveAt({ entries, after }: ListPage, nowMs: number): ListPage {
  return {
    entries: entries.filter(({ expirationMs }) => expirationMs === null || expirationMs > nowMs),
    after,
  };
}
