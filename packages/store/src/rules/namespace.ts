import type { MaybePromise } from "@kvasir/client/namespace";
import {
  ATOMIC_OPERATIONS_MAX,
  type BulkQuery,
  type BulkStored,
  CACHE_TTL_SECONDS_MIN,
  checkIncrement,
  checkKey,
  checkKeyText,
  checkVersion,
  KvError,
  LIST_LIMIT_MAX,
  type ListedPage,
  type ListQuery,
  type NamespaceBackend,
  TTL_SECONDS_MIN,
  VALUE_BYTES_MAX,
} from "@kvasir/client/namespace";
import type { Change, Changes, Position, WatchQuery } from "../store/changes.js";
import type { Clock } from "../store/clock.js";
import type { Entries } from "../store/entries.js";
import type { Entry } from "../store/entry.js";
import type { KeyRange } from "../store/listing.js";
import type { Store } from "../store/store.js";
import type { Check, Condition, Mutation, WriteOutcome } from "../store/write.js";
import { bulkKeys, bulkStored, bulkType, checkBulkBytes } from "./bulk-read.js";
import { keyOfCursor } from "./cursor.js";
import { type Expiry, expirationMsOf } from "./expiry.js";
import { checkListLimit, listedPage, type NamespaceListPage, renderPage } from "./list-page.js";
import { storedMetadata } from "./metadata.js";
import { NamespaceEntry } from "./namespace-entry.js";
import { readBytes, readValue, type ValueSource } from "./value-source.js";

/** What differs between the dialects that write to a namespace. */
export interface NamespaceRules {
  /** Shortest time to live, in seconds: 60 in the Workers and Cloudflare dialects, 1 elsewhere. */
  readonly ttlSecondsMin: number;
}

/** The rules of the Workers and Cloudflare dialects. */
export const WORKERS_RULES: NamespaceRules = { ttlSecondsMin: TTL_SECONDS_MIN };

export interface NamespaceOptions {
  readonly clock: Clock;
  readonly rules: NamespaceRules;
}

export interface ReadOptions {
  /** How old the result may be, in seconds. A store that reads its data every time ignores it. */
  readonly cacheTtl?: number | undefined;
}

/** A condition on what is stored; at most one of the two. */
export interface WriteCondition {
  readonly ifAbsent?: boolean | undefined;
  readonly ifVersion?: number | undefined;
}

export interface WriteOptions extends Expiry, WriteCondition {
  /** JSON text. */
  readonly metadata?: string | undefined;
  readonly contentType?: string | undefined;
  /**
   * The length that the request declares for a streamed value, in bytes. A value that is too long is refused
   * unread.
   */
  readonly declaredBytes?: number | undefined;
}

export interface BulkWrite extends Omit<WriteOptions, "ifAbsent" | "ifVersion" | "declaredBytes"> {
  readonly key: string;
  readonly value: string | Uint8Array;
}

export type AtomicMutation =
  | ({ readonly type: "put" } & BulkWrite)
  | { readonly type: "delete"; readonly key: string }
  | {
      readonly type: "increment";
      readonly key: string;
      readonly by: number;
      readonly expirationTtl?: number | undefined;
    };

export interface NamespaceListOptions {
  readonly prefix?: string | undefined;
  /** @default 1000, which is also the most */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
  readonly values?: boolean | undefined;
  readonly reverse?: boolean | undefined;
  /** Included. */
  readonly start?: string | undefined;
  /** Excluded. */
  readonly end?: string | undefined;
}

/**
 * Workers KV's rules on top of a {@link Store}: keys, sizes, expiry, metadata, pages, and the exact messages. Throws or
 * rejects with `KvError`, whose message is the text of Workers KV's backend, for example `Invalid expiration_ttl of 59.
 * Expiration TTL must be at least 60.`
 *
 * Dialects call it, and so does the object that programs in this process hold. Reads have two forms: `get`, `getBulk` and
 * `list` decode values for a caller, `read`, `readMany` and `page` leave them as the store has them, for a dialect to
 * send part by part.
 *
 * It holds no state of its own. It is cheap to create, and a namespace can have many of these objects.
 */
export class Namespace implements NamespaceBackend {
  readonly id: string;
  readonly #entries: Entries;
  readonly #changes: Changes;
  readonly #clock: Clock;
  readonly #ttlSecondsMin: number;

  constructor(store: Store, id: string, { clock, rules }: NamespaceOptions) {
    this.id = id;
    this.#entries = store.entries;
    this.#changes = store.changes;
    this.#clock = clock;
    this.#ttlSecondsMin = rules.ttlSecondsMin;
  }

  get(key: string, cacheTtl?: number): MaybePromise<NamespaceEntry | null> {
    const found = this.read(key, cacheTtl === undefined ? undefined : { cacheTtl });
    return found instanceof Promise ? found.then(entryOf) : entryOf(found);
  }

  read(key: string, options?: ReadOptions): MaybePromise<Entry | null> {
    checkKey(key);
    if (options?.cacheTtl !== undefined) checkCacheTtl(options.cacheTtl);
    return this.#entries.get(this.id, key, staleMsMaxOf(options));
  }

  /**
   * Entries by key, `null` where there is none, in the order of the request and each key once.
   *
   * @throws KvError `too_many_keys` outside 1 to 100, `response_too_large`
   */
  readMany(keys: readonly string[], options?: ReadOptions): MaybePromise<ReadonlyMap<string, Entry | null>> {
    const distinct = bulkKeys(keys, () => {
      if (options?.cacheTtl !== undefined) checkCacheTtl(options.cacheTtl);
    });
    const found = this.#entries.getMany(this.id, distinct, staleMsMaxOf(options));
    return found instanceof Promise
      ? found.then((entries) => entriesByKey(distinct, entries))
      : entriesByKey(distinct, found);
  }

  /**
   * {@link readMany} with the values decoded.
   *
   * @param query.type `text` (default) or `json`; any other type is refused before anything else is checked
   * @throws KvError `type_invalid`, `value_not_json`, and what {@link readMany} throws
   */
  async getBulk(
    keys: readonly string[],
    query: Omit<BulkQuery, "withMetadata"> = {},
  ): Promise<ReadonlyMap<string, BulkStored | null>> {
    const type = bulkType(query.type);
    const values = new Map<string, BulkStored | null>();
    for (const [key, entry] of await this.readMany(keys, query)) {
      values.set(key, entry === null ? null : await bulkStored(entry, type));
    }
    return values;
  }

  async put(key: string, value: ValueSource, options: WriteOptions = {}): Promise<WriteOutcome> {
    checkKey(key);
    const expirationMs = this.#expirationMs(options);
    const metadata = storedMetadata(options.metadata);
    const condition = conditionOf(options);
    const read = readValue(value, options.declaredBytes, (parts) =>
      this.#entries.stage(this.id, key, parts, { bytesMax: VALUE_BYTES_MAX }),
    );
    const input = {
      value: read instanceof Promise ? await read : read,
      expirationMs,
      metadata,
      contentType: options.contentType ?? null,
    };
    return this.#entries.put(this.id, key, input, condition);
  }

  /** Checks every item first; nothing is written when one is bad. A later item wins over an earlier one. */
  async writeMany(items: readonly BulkWrite[]): Promise<void> {
    await this.#entries.writeMany(
      this.id,
      items.map((item) => this.#mutation({ type: "put", ...item })),
    );
  }

  async delete(
    key: string,
    options: { readonly ifVersion?: number | undefined } = {},
  ): Promise<WriteOutcome> {
    checkKey(key);
    return this.#entries.delete(this.id, key, conditionOf(options));
  }

  /** Missing keys are not an error. Checks every key first. */
  async deleteMany(keys: readonly string[]): Promise<void> {
    await this.#entries.writeMany(
      this.id,
      keys.map((key) => this.#mutation({ type: "delete", key })),
    );
  }

  /** A {@link page} with its values as text. */
  async list(query: ListQuery = {}): Promise<ListedPage> {
    return listedPage(await this.page(query), query);
  }

  /** @throws KvError `limit_invalid`, `key_too_long` for the prefix, `cursor_invalid` */
  page(options: NamespaceListOptions = {}): MaybePromise<NamespaceListPage> {
    const limit = options.limit ?? LIST_LIMIT_MAX;
    checkListLimit(limit);
    const page = this.#entries.list(this.id, {
      ...keyRange(options),
      limit,
      after: keyOfCursor(options.cursor),
      reverse: options.reverse,
      values: options.values,
    });
    return page instanceof Promise ? page.then(renderPage) : renderPage(page);
  }

  /** Live entries. Costs what it counts. */
  async count(options: Omit<NamespaceListOptions, "limit" | "cursor"> = {}): Promise<number> {
    return this.#entries.count(this.id, keyRange(options));
  }

  /** @throws KvError `value_not_integer` when the stored value or the sum is not a safe integer */
  async increment(
    key: string,
    by = 1,
    options: { readonly expirationTtl?: number | undefined } = {},
  ): Promise<{ readonly value: number; readonly version: number }> {
    checkKey(key);
    checkIncrement(by);
    const expirationMs = this.#expirationMs({ expirationTtl: options.expirationTtl });
    return this.#entries.increment(this.id, key, by, expirationMs);
  }

  /** `ok: false` when there is no entry, or it has another version. */
  async touch(
    key: string,
    options: Expiry & { readonly ifVersion?: number | undefined } = {},
  ): Promise<WriteOutcome> {
    checkKey(key);
    return this.#entries.touch(this.id, key, this.#expirationMs(options), conditionOf(options));
  }

  /** The version of the commit, `null` when a check failed. Everything is checked before anything is done. */
  async atomic(checks: readonly Check[], mutations: readonly AtomicMutation[]): Promise<number | null> {
    if (checks.length + mutations.length > ATOMIC_OPERATIONS_MAX) {
      throw new KvError("bad_request", `A commit takes at most ${ATOMIC_OPERATIONS_MAX} operations`);
    }
    for (const check of checks) {
      checkKey(check.key);
      if (check.version !== null) checkVersion(check.version);
    }
    const stored = mutations.map((mutation) => this.#mutation(mutation));
    return this.#entries.commit(this.id, checks, stored);
  }

  /** Returns how many entries were deleted, or with `dryRun` would be. */
  async deletePrefix(
    prefix: string,
    options: { readonly dryRun?: boolean | undefined; readonly all?: boolean | undefined } = {},
  ): Promise<number> {
    if (prefix === "" && options.all !== true) {
      throw new KvError("bad_request", "An empty prefix would delete every entry", {
        hint: "Pass all: true (over HTTP all=true) if that is what you want.",
      });
    }
    const range = keyRange({ prefix });
    return options.dryRun ? this.#entries.count(this.id, range) : this.#entries.deleteRange(this.id, range);
  }

  /** The newest position: a {@link watch} since it is told everything that is written from now on. */
  async position(): Promise<Position> {
    return this.#changes.position(this.id);
  }

  /**
   * @throws KvError `bad_request` for what is not a position, `watch_behind`: take a position, list again,
   *   watch on
   */
  watch(
    options: {
      readonly prefix?: string | undefined;
      /** Resume after this position; without it, from now on. */
      readonly since?: Position | undefined;
      readonly signal?: AbortSignal | undefined;
      readonly onPassed?: WatchQuery["onPassed"];
    } = {},
  ): AsyncIterable<Change> {
    return this.#changes.watch({
      namespace: this.id,
      prefix: keyRange(options).prefix,
      since: options.since,
      signal: options.signal,
      onPassed: options.onPassed,
    });
  }

  #mutation(mutation: AtomicMutation): Mutation {
    const { type, key } = mutation;
    checkKey(key);
    switch (type) {
      case "put": {
        const expirationMs = this.#expirationMs(mutation);
        const metadata = storedMetadata(mutation.metadata);
        const value = readBytes(mutation.value);
        return { type, key, value, expirationMs, metadata, contentType: mutation.contentType ?? null };
      }
      case "delete":
        return { type, key };
      case "increment": {
        checkIncrement(mutation.by);
        const expirationMs = this.#expirationMs({ expirationTtl: mutation.expirationTtl });
        return { type, key, by: mutation.by, expirationMs };
      }
    }
  }

  #expirationMs(expiry: Expiry): number | null {
    // Most entries never expire: their writes do not need the time.
    if (expiry.expirationTtl === undefined && expiry.expiration === undefined) return null;
    return expirationMsOf(expiry, { nowMs: this.#clock.nowMs(), ttlSecondsMin: this.#ttlSecondsMin });
  }
}

function entryOf(entry: Entry | null): NamespaceEntry | null {
  return entry === null ? null : new NamespaceEntry(entry);
}

function entriesByKey(
  keys: readonly string[],
  entries: readonly (Entry | null)[],
): ReadonlyMap<string, Entry | null> {
  checkBulkBytes(entries);
  return new Map(keys.map((key, at) => [key, entries[at] ?? null]));
}

function conditionOf({ ifAbsent, ifVersion }: WriteCondition): Condition {
  if (ifVersion === undefined) return ifAbsent ? null : undefined;
  if (ifAbsent) throw new KvError("bad_request", "Please specify ifAbsent or ifVersion, not both");
  checkVersion(ifVersion);
  return ifVersion;
}

function checkCacheTtl(seconds: number): void {
  if (!(seconds >= CACHE_TTL_SECONDS_MIN)) {
    throw new KvError(
      "cache_ttl_invalid",
      `Invalid cache_ttl of ${seconds}. Cache TTL must be at least ${CACHE_TTL_SECONDS_MIN}.`,
    );
  }
}

function staleMsMaxOf(options: ReadOptions | undefined): number | undefined {
  return options?.cacheTtl === undefined ? undefined : options.cacheTtl * 1000;
}

/** Empty bounds bound nothing. */
function keyRange({ prefix, start, end }: KeyRange): KeyRange {
  for (const bound of [prefix, start, end]) if (bound) checkKeyText(bound);
  return { prefix: prefix || undefined, start: start || undefined, end: end || undefined };
}
