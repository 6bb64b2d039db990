import type { KVNamespace } from "../../namespace/kv-namespace.js";
import type { SessionPlace } from "./session-keys.js";
import {
  endMs,
  expiryMs,
  indexTtlSeconds,
  parseRecord,
  recordText,
  type SessionRecord,
  ttlSeconds,
} from "./session-record.js";
import {
  type SessionMove,
  SessionStore,
  type SessionStoreOptions,
  type StoredSession,
} from "./session-store.js";

/**
 * Sessions on Kvasir. Every change is one conditional request. So no change is lost or brings an ended
 * session back, and a session always exists together with its entry in the index.
 */
export class AtomicSessionStore extends SessionStore {
  readonly #kv: KVNamespace;

  constructor(kv: KVNamespace, options: SessionStoreOptions) {
    super(kv, options);
    this.#kv = kv;
  }

  async read(handle: string): Promise<StoredSession | null> {
    const name = this.keys.session(handle);
    // A list of one entry, because only a list returns the expiry. Without it, the time to prolong the
    // session would have to be stored in the value, which every prolongation would rewrite.
    const { keys } = await this.#kv.list({ prefix: name, limit: 1, values: true, versions: true });
    const [entry] = keys;
    if (entry?.value === undefined || entry.name !== name) return null;
    const record = parseRecord(entry.value);
    const latestMs = endMs(record, this.spans);
    const expiresMs = entry.expiration === undefined ? latestMs : Math.min(entry.expiration * 1000, latestMs);
    return { record, version: entry.version ?? null, expiresMs };
  }

  async insert(handle: string, record: SessionRecord): Promise<StoredSession> {
    const { userId } = record;
    const nowMs = this.nowMs();
    const options = { expirationTtl: ttlSeconds(record, this.spans, nowMs) };
    const commit = this.#kv.atomic().put(this.keys.session(handle), recordText(record), options);
    if (userId !== undefined) {
      commit.put(this.keys.indexed(userId, handle), "", { expirationTtl: indexTtlSeconds(record, nowMs) });
    }
    const { version } = await commit.commit();
    return this.#stored(record, version, nowMs);
  }

  async replace(handle: string, record: SessionRecord, { version: ifVersion }: StoredSession) {
    if (ifVersion === null) return null;
    const nowMs = this.nowMs();
    const options = { expirationTtl: ttlSeconds(record, this.spans, nowMs), ifVersion };
    const { ok, version } = await this.#kv.put(this.keys.session(handle), recordText(record), options);
    return ok ? this.#stored(record, version, nowMs) : null;
  }

  async prolong(handle: string, { record }: StoredSession): Promise<StoredSession | null> {
    const nowMs = this.nowMs();
    const expirationTtl = ttlSeconds(record, this.spans, nowMs);
    const { ok } = await this.#kv.touch(this.keys.session(handle), { expirationTtl });
    // Returned without a version: the data may have changed between the read and the touch, and a write
    // conditional on the touch's version would undo that change.
    return ok ? this.#stored(record, null, nowMs) : null;
  }

  async move({ from, to, read, record }: SessionMove): Promise<StoredSession | null> {
    if (read.version === null) return null;
    const nowMs = this.nowMs();
    const options = { expirationTtl: ttlSeconds(record, this.spans, nowMs) };
    const commit = this.#kv.atomic().check(this.keys.session(from), read.version);
    for (const key of this.keys.of({ handle: from, userId: read.record.userId })) commit.delete(key);
    commit.put(this.keys.session(to), recordText(record), options);
    if (record.userId !== undefined) {
      commit.put(this.keys.indexed(record.userId, to), "", { expirationTtl: indexTtlSeconds(record, nowMs) });
    }
    const { ok, version } = await commit.commit();
    return ok ? this.#stored(record, version, nowMs) : null;
  }

  async remove(places: readonly SessionPlace[]): Promise<void> {
    const commit = this.#kv.atomic();
    for (const key of places.flatMap((place) => this.keys.of(place))) commit.delete(key);
    await commit.commit();
  }

  #stored(record: SessionRecord, version: number | null, nowMs: number): StoredSession {
    return { record, version, expiresMs: expiryMs(record, this.spans, nowMs) };
  }
}
