import type { WorkersKV } from "../../namespace/kv-namespace.js";
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
 * Sessions on a plain Workers KV binding, with weaker guarantees. Writes are unconditional, so the later of
 * two changes wins, and a change that began before a session ended may bring it back.
 */
export class PlainSessionStore extends SessionStore {
  readonly #kv: WorkersKV;

  constructor(kv: WorkersKV, options: SessionStoreOptions) {
    super(kv, options);
    this.#kv = kv;
  }

  async read(handle: string): Promise<StoredSession | null> {
    const { value, metadata } = await this.#kv.getWithMetadata<{ expiresMs?: unknown }>(
      this.keys.session(handle),
      { type: "text" },
    );
    if (value === null) return null;
    const record = parseRecord(value);
    const latestMs = endMs(record, this.spans);
    const { expiresMs } = metadata ?? {};
    return {
      record,
      version: null,
      expiresMs: typeof expiresMs === "number" ? Math.min(expiresMs, latestMs) : latestMs,
    };
  }

  async insert(handle: string, record: SessionRecord): Promise<StoredSession> {
    const { userId } = record;
    const nowMs = this.nowMs();
    // The index first: without an entry in it, the session could not be ended
    // together with the user's others.
    if (userId !== undefined) {
      const expirationTtl = indexTtlSeconds(record, nowMs);
      await this.#kv.put(this.keys.indexed(userId, handle), "", { expirationTtl });
    }
    return this.#put(handle, record, nowMs);
  }

  async replace(handle: string, record: SessionRecord): Promise<StoredSession | null> {
    return this.#put(handle, record, this.nowMs());
  }

  /** There is no `touch` here, so the whole value is written again. */
  async prolong(handle: string, { record }: StoredSession): Promise<StoredSession | null> {
    return this.#put(handle, record, this.nowMs());
  }

  async move({ from, to, read, record }: SessionMove): Promise<StoredSession | null> {
    const moved = await this.insert(to, record);
    await this.remove([{ handle: from, userId: read.record.userId }]);
    return moved;
  }

  async remove(places: readonly SessionPlace[]): Promise<void> {
    for (const key of places.flatMap((place) => this.keys.of(place))) await this.#kv.delete(key);
  }

  async #put(handle: string, record: SessionRecord, nowMs: number): Promise<StoredSession> {
    const expiresMs = expiryMs(record, this.spans, nowMs);
    await this.#kv.put(this.keys.session(handle), recordText(record), {
      expirationTtl: ttlSeconds(record, this.spans, nowMs),
      metadata: { expiresMs },
    });
    return { record, version: null, expiresMs };
  }
}
