import type { WorkersKV } from "../../namespace/kv-namespace.js";
import { BULK_GET_KEYS_MAX } from "../../namespace/limits.js";
import type { SessionKeys, SessionPlace } from "./session-keys.js";
import { parseRecord, type SessionRecord, type SessionSpans } from "./session-record.js";

/** A session as it was read. */
export interface StoredSession {
  readonly record: SessionRecord;
  /** `null` if a conditional write cannot use it. */
  readonly version: number | null;
  /** When it expires unless it is used, in milliseconds since the epoch. */
  readonly expiresMs: number;
}

export interface SessionMove {
  readonly from: string;
  readonly to: string;
  readonly read: StoredSession;
  /** The record under the new id. */
  readonly record: SessionRecord;
}

/** The recipe's settings that a store needs. */
export interface SessionStoreOptions {
  readonly keys: SessionKeys;
  readonly spans: SessionSpans;
  readonly nowMs: () => number;
}

/**
 * Stores sessions: one entry for each session, and one more in the user's index if it has a user. The two
 * implementations differ in their guarantees under concurrency.
 */
export abstract class SessionStore {
  protected readonly keys: SessionKeys;
  protected readonly spans: SessionSpans;
  protected readonly nowMs: () => number;
  readonly #kv: WorkersKV;

  constructor(kv: WorkersKV, { keys, spans, nowMs }: SessionStoreOptions) {
    this.#kv = kv;
    this.keys = keys;
    this.spans = spans;
    this.nowMs = nowMs;
  }

  abstract read(handle: string): Promise<StoredSession | null>;
  abstract insert(handle: string, record: SessionRecord): Promise<StoredSession>;
  /** Returns `null` if it has changed or ended since it was read. */
  abstract replace(handle: string, record: SessionRecord, read: StoredSession): Promise<StoredSession | null>;
  /** Prolongs the session as if it was used now. Returns `null` if it has ended since it was read. */
  abstract prolong(handle: string, read: StoredSession): Promise<StoredSession | null>;
  /** Returns `null` if it has changed or ended since it was read. */
  abstract move(move: SessionMove): Promise<StoredSession | null>;
  /** Removes at most {@link PLACES_PER_COMMIT_MAX} sessions at a time. A missing session is not an error. */
  abstract remove(places: readonly SessionPlace[]): Promise<void>;

  /** Returns the sessions that exist. One request for each 100 handles. */
  async readMany(handles: readonly string[]): Promise<ReadonlyMap<string, SessionRecord>> {
    const found = new Map<string, SessionRecord>();
    for (let at = 0; at < handles.length; at += BULK_GET_KEYS_MAX) {
      const part = handles.slice(at, at + BULK_GET_KEYS_MAX);
      const texts = await this.#kv.get(
        part.map((handle) => this.keys.session(handle)),
        "text",
      );
      for (const handle of part) {
        const text = texts.get(this.keys.session(handle));
        if (typeof text === "string") found.set(handle, parseRecord(text));
      }
    }
    return found;
  }

  async isListed(place: { readonly handle: string; readonly userId: string }): Promise<boolean> {
    return (await this.#kv.get(this.keys.indexed(place.userId, place.handle))) !== null;
  }

  /** Returns one page of a user's index. Some of the handles may have no session any more. */
  async listed(
    userId: string,
    from: string | undefined,
  ): Promise<{ readonly handles: readonly string[]; readonly cursor: string | undefined }> {
    const prefix = this.keys.user(userId);
    const page = await this.#kv.list({ prefix, cursor: from });
    return {
      handles: page.keys.map(({ name }) => name.slice(prefix.length)),
      cursor: page.list_complete ? undefined : page.cursor,
    };
  }
}
