import type { KVNamespace, WorkersKV } from "../../namespace/kv-namespace.js";
import type { RecipeBinding } from "../shared/binding.js";
import { isOutcomeUnknown } from "../shared/store-access.js";
import { storeTtl } from "../shared/store-ttl.js";
import type { CacheKeys } from "./cache-keys.js";
import { type CacheEntry, type Content, entryOf, entryText, parseEntry } from "./entry.js";
import { type HeldLease, parseLease, type Seen, takeLease } from "./lease.js";
import { CLOCK_DIFFERENCE_SECONDS, TAGGED_SECONDS_MAX } from "./limits.js";
import { newTagVersion, type TagVersions } from "./tag-version.js";

/** The result of looking up a key. */
export interface Found extends Seen {
  /** `null` if there is no entry, if it has expired, or if one of its tags was invalidated. */
  readonly entry: CacheEntry | null;
  /** The versions of the caller's tags. */
  readonly tags: TagVersions;
  /** Those of the entry's other tags, if they were read. */
  readonly others: TagVersions;
}

/** An entry to store under a key of its own together with another entry. */
export interface KeyedContent {
  readonly key: string;
  readonly content: Content;
}

export interface Storing {
  readonly lease: HeldLease | null;
  readonly entries: readonly KeyedContent[];
  readonly tags: TagVersions;
  readonly nowMs: number;
  readonly tookMs: number;
}

/** How long an invalidation is remembered: longer than any entry with the tag can live. */
const REMEMBERED = { expirationTtl: storeTtl(TAGGED_SECONDS_MAX + CLOCK_DIFFERENCE_SECONDS) };

/** The cache's requests to the namespace. Each method is one of them. */
export class CacheEntries {
  readonly #kv: WorkersKV;
  readonly #atomic: KVNamespace | undefined;
  readonly #keys: CacheKeys;

  constructor({ kv, atomic }: RecipeBinding, keys: CacheKeys) {
    this.#kv = kv;
    this.#atomic = atomic;
    this.#keys = keys;
  }

  /** Whether leases are available, so that processes can agree on which of them computes. */
  get hasLeases(): boolean {
    return this.#atomic !== undefined;
  }

  /**
   * Reads the entry, its lease and its tags in one request. A second request is needed if the entry has tags
   * that the caller does not know.
   */
  async find(key: string, tags: readonly string[], nowMs: number): Promise<Found> {
    const entryKey = this.#keys.entry(key);
    const leaseKey = this.#atomic === undefined ? [] : [this.#keys.lease(key)];
    const tagKeys = tags.map((tag) => this.#keys.tag(tag));
    const texts = await this.#texts([entryKey, ...leaseKey, ...tagKeys]);
    const versions = new Map(tags.map((tag, at) => [tag, texts.get(tagKeys[at] as string) ?? null]));
    const text = texts.get(entryKey) ?? null;
    const entry = parseEntry(text);
    const others = entry === null ? NO_TAGS : await this.versions(entry.tags.keys(), versions);
    const stands = entry !== null && nowMs < entry.staleUntilMs && hasTags(entry, versions, others);
    return {
      entry: stands ? entry : null,
      absent: text === null,
      lease: parseLease(texts.get(leaseKey[0] ?? "") ?? null),
      tags: versions,
      others,
    };
  }

  /** The versions of tags that are not known yet. One request, or none. */
  async versions(tags: Iterable<string>, known: TagVersions): Promise<TagVersions> {
    const keyed = [...tags]
      .filter((tag) => !known.has(tag))
      .map((tag) => [tag, this.#keys.tag(tag)] as const);
    if (keyed.length === 0) return NO_TAGS;
    const texts = await this.#texts(keyed.map(([, key]) => key));
    return new Map(keyed.map(([tag, key]) => [tag, texts.get(key) ?? null]));
  }

  takeLease(key: string, seen: Seen, time: { readonly nowMs: number; readonly leaseMs: number }) {
    if (this.#atomic === undefined) return Promise.resolve(null);
    const keys = { entry: this.#keys.entry(key), lease: this.#keys.lease(key) };
    return takeLease(this.#atomic, keys, { ...seen, ...time });
  }

  /**
   * Stores entries and releases the lease. Stores nothing if the lease belongs to
   * another owner by now. One request.
   */
  async store({ lease, entries, tags, nowMs, tookMs }: Storing): Promise<void> {
    const puts = entries.map(({ key, content }) => {
      const entry = entryOf(content, { nowMs, tookMs, tags });
      const expirationTtl = storeTtl((entry.staleUntilMs - nowMs) / 1000);
      return [this.#keys.entry(key), entryText(entry), { expirationTtl }] as const;
    });
    if (this.#atomic === undefined || lease === null) {
      await Promise.all(puts.map((put) => this.#kv.put(...put)));
      return;
    }
    const atomic = this.#atomic;
    const attempt = () => {
      const commit = atomic.atomic().check(lease.key, lease.version);
      for (const put of puts) commit.put(...put);
      return commit.delete(lease.key).commit();
    };
    try {
      await attempt();
    } catch (error) {
      if (!isOutcomeUnknown(error)) throw error;
      // Of two commits under the same condition at most one is made.
      await attempt();
    }
  }

  /**
   * Removes an entry together with its lease, so that a value being computed is not stored. Also invalidates
   * all entries with one of `tags`. One request; on plain Workers KV one more for each tag.
   */
  async delete(key: string, nowMs: number, tags: readonly string[] = []): Promise<void> {
    const entryKey = this.#keys.entry(key);
    if (this.#atomic === undefined) {
      await Promise.all([this.#kv.delete(entryKey), this.invalidate(tags, nowMs)]);
      return;
    }
    const commit = this.#atomic.atomic().delete(entryKey).delete(this.#keys.lease(key));
    const version = newTagVersion(nowMs);
    for (const tag of tags) commit.put(this.#keys.tag(tag), version, REMEMBERED);
    await commit.commit();
  }

  /** Invalidates all entries with one of the tags, regardless of their number. */
  async invalidate(tags: readonly string[], nowMs: number): Promise<void> {
    const keys = tags.map((tag) => this.#keys.tag(tag));
    const version = newTagVersion(nowMs);
    const [only, ...others] = keys;
    if (only !== undefined && (this.#atomic === undefined || others.length === 0)) {
      await Promise.all(keys.map((key) => this.#kv.put(key, version, REMEMBERED)));
    } else if (this.#atomic !== undefined && only !== undefined) {
      const commit = this.#atomic.atomic();
      for (const key of keys) commit.put(key, version, REMEMBERED);
      await commit.commit();
    }
  }

  async #texts(keys: readonly string[]): Promise<Map<string, string | null>> {
    const [only, ...others] = keys;
    // On Workers KV a bulk read costs more than a plain read.
    if (only !== undefined && others.length === 0) return new Map([[only, await this.#kv.get(only)]]);
    return this.#kv.get([...keys]);
  }
}

const NO_TAGS: TagVersions = new Map();

/** Whether an entry has all these tags in these versions. */
function hasTags({ tags }: CacheEntry, ...versions: readonly TagVersions[]): boolean {
  return versions.every((each) => [...each].every(([tag, version]) => tags.get(tag) === version));
}
