import type { WorkersKV } from "../../namespace/kv-namespace.js";
import { BULK_GET_KEYS_MAX } from "../../namespace/limits.js";
import type { SessionKeys, SessionPlace } from "./session-keys.js";
import { parseRecord, type SessionRecord, type SessionSpans } from "./session-record.js";

/** A session as it was read. */
export interface StoredSession {
  readonly record: SessionRecord;
  /** `null` where a conditional write cannot go by it. */
  readonly version: number | null;
  /** When it expires unless it is used, in milliseconds since the epoch. */
  readonly expiresMs: number;
}

export interface SessionMove {
  readonly from: string;
  readonly to: string;
  readonly read: StoredSession;
  /** What is stored at the new place. */
  readonly record: SessionRecord;
}

/** What a store needs to know of the recipe. */
export interface SessionStoreOptions {
  readonly keys: SessionKeys;
  readonly spans: SessionSpans;
  readonly nowMs: () => number;
}

/**
 * Where sessions are kept: an entry for each, and for a user's one more in an index of that user. What holds when
 * several do this at once, the two implementations differ in.
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
  /** `null` when it was changed or ended since it was read. */
  abstract replace(handle: string, record: SessionRecord, read: StoredSession): Promise<StoredSession | null>;
  /** Lets it expire later, as if used now. `null` when it ended since it was read. */
  abstract prolong(handle: string, read: StoredSession): Promise<StoredSession | null>;
  /** `null` when it was changed or ended since it was read. */
  abstract move(move: SessionMove): Promise<StoredSession | null>;
  /** At most {@link PLACES_PER_COMMIT_MAX} at a time. What is not there is no failure. */
  abstract remove(places: readonly SessionPlace[]): Promise<void>;

  /** Those of the handles that have a session. One request for each 100. */
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

  /** One page of a user's index: the handles, of which some may have no session any more. */
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
