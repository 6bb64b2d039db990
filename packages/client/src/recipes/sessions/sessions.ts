import { KvError } from "../../namespace/errors.js";
import type { KVBinding } from "../../typed/binding.js";
import { type AtomicBinding, type Guarantee, recipeBinding } from "../shared/binding.js";
import { untilUncontended } from "../shared/contention.js";
import type { DeepReadonly } from "../shared/deep-readonly.js";
import { assertKnownOptions } from "../shared/known-options.js";
import type { OptionNames } from "../shared/option-names.js";
import { invalidOption, nonEmptyText } from "../shared/options.js";
import type { StoreAccess } from "../shared/store-access.js";
import { AtomicSessionStore } from "./atomic-session-store.js";
import {
  LAST_RENEWAL_MS_MIN,
  LISTED_SESSIONS_MAX,
  PLACES_PER_COMMIT_MAX,
  REVOKE_PASSES_MAX,
} from "./limits.js";
import {
  idleMsOf,
  SESSIONS_OPTION_NAMES,
  type SessionSettings,
  type SessionsOptions,
  sessionSettings,
} from "./options.js";
import { PlainSessionStore } from "./plain-session-store.js";
import type {
  CreateOptions,
  ListedSession,
  LoginOptions,
  RotateOptions,
  Session,
  Sessions,
} from "./session.js";
import { handleOf, isHandle, newSessionId } from "./session-id.js";
import { SessionKeys } from "./session-keys.js";
import { endMs, expiryMs, lifetimeMsOf, type SessionRecord } from "./session-record.js";
import type { SessionStore, StoredSession } from "./session-store.js";

/**
 * Sessions: an unguessable id for the browser, and the data of its user in a namespace.
 *
 * With Kvasir's atomic operations no change is lost or brings an ended session back, and the very next read
 * after a revocation finds no session. On a plain Workers KV binding the later of two changes wins, a change
 * that began before a revocation may undo it, and other locations may see a revoked session for a minute.
 *
 * The store expires sessions by its own clock. The clock of this process decides only when to prolong a
 * session, and when its lifetime ends. If a response is lost (`connect()`), the operation may have been
 * executed: a session may have been created or got a new id that no one knows. It expires like any other.
 *
 * @example
 * const all = sessions<{ cart: string[] }>(env.SESSIONS, { idleSeconds: 3600 });
 * const session = await all.create({ cart: [] }, { userId: "ada" });
 * await all.update(session, (data) => ({ cart: [...data.cart, "book"] }));
 *
 * @throws KvError `option_invalid`
 * @throws TypeError if the first argument is not a KVNamespace
 */
export function sessions<Data = Record<string, unknown>>(
  kv: AtomicBinding,
  options?: SessionsOptions,
): Sessions<Data, "atomic">;
export function sessions<Data = Record<string, unknown>>(
  kv: KVBinding,
  options?: SessionsOptions,
): Sessions<Data>;
export function sessions<Data>(binding: KVBinding, options: SessionsOptions = {}): Sessions<Data> {
  const { kv, atomic, access } = recipeBinding(binding, {
    name: "sessions",
    options,
    optionNames: SESSIONS_OPTION_NAMES,
  });
  const settings = sessionSettings(options);
  const place = { keys: new SessionKeys(settings.prefix), spans: settings.spans, nowMs: settings.nowMs };
  return atomic === undefined
    ? new KvSessions<Data>("best-effort", new PlainSessionStore(kv, place), settings, access)
    : new KvSessions<Data>("atomic", new AtomicSessionStore(atomic, place), settings, access);
}

class KvSessions<Data> implements Sessions<Data> {
  readonly guarantee: Guarantee;
  readonly idleSeconds: number;
  readonly #store: SessionStore;
  readonly #settings: SessionSettings;
  readonly #access: StoreAccess;

  constructor(guarantee: Guarantee, store: SessionStore, settings: SessionSettings, access: StoreAccess) {
    this.guarantee = guarantee;
    this.idleSeconds = settings.spans.idleMs / 1000;
    this.#store = store;
    this.#settings = settings;
    this.#access = access;
  }

  async create(data: Data, options: CreateOptions = {}): Promise<Session<Data>> {
    assertKnownOptions("create", options, CREATE_OPTION_NAMES);
    const { userId, id } = options;
    if (userId !== undefined) nonEmptyText("userId", userId);
    const place = await newPlace(id);
    const stored = await this.#store.insert(place.handle, { ...this.#lifetime(options), userId, data });
    return this.#session(place, stored);
  }

  async get(id: string): Promise<Session<Data> | null> {
    const place = await placeOf(id);
    if (place === null) return null;
    try {
      const stored = await this.#read(place.handle);
      if (stored === null) return null;
      if (!this.#isDue(stored)) return this.#session(place, stored);
      const prolonged = await this.#store.prolong(place.handle, stored);
      return prolonged === null ? null : this.#session(place, prolonged, true);
    } catch (error) {
      if (this.#settings.onStoreError === "anonymous" && this.#access.isTrouble(error)) return null;
      throw error;
    }
  }

  async update(target: string | Session<Data>, change: (data: Data) => Data): Promise<Session<Data> | null> {
    return this.#change(target, async (place, stored) => {
      const data = change(stored.record.data as Data);
      const replaced = await this.#store.replace(place.handle, { ...stored.record, data }, stored);
      return replaced === null ? undefined : this.#session(place, replaced);
    });
  }

  async rotate(
    target: string | Session<Data>,
    options: RotateOptions<Data> = {},
  ): Promise<Session<Data> | null> {
    assertKnownOptions<RotateOptions<Data>>("rotate", options, { ...CREATE_OPTION_NAMES, change: true });
    const { userId, id, change = (data) => data } = options;
    if (userId !== undefined) nonEmptyText("userId", userId);
    const to = await newPlace(id);
    return this.#change(target, async ({ handle: from }, read) => {
      const data = change(read.record.data as Data);
      const login = userId === undefined ? {} : { userId, ...this.#lifetime(options) };
      const record = { ...read.record, ...login, data };
      const moved = await this.#store.move({ from, to: to.handle, read, record });
      return moved === null ? undefined : this.#session(to, moved);
    });
  }

  async revoke(target: string | Session<Data>): Promise<void> {
    if (isSession(target)) return this.#store.remove([target]);
    const handle = await handleOf(target);
    const stored = handle === undefined ? null : await this.#store.read(handle);
    if (handle === undefined || stored === null) return;
    await this.#store.remove([{ handle, userId: stored.record.userId }]);
  }

  async revokeListed(userId: string, handle: string): Promise<boolean> {
    nonEmptyText("userId", userId);
    // A client sends the handle, so it must have the right form before it becomes part of a key.
    if (!isHandle(handle) || !(await this.#store.isListed({ userId, handle }))) return false;
    await this.#store.remove([{ handle, userId }]);
    return true;
  }

  async revokeAll(
    userId: string,
    { except }: { readonly except?: string | Session<Data> | undefined } = {},
  ): Promise<void> {
    nonEmptyText("userId", userId);
    const kept = isSession(except) ? except.handle : await handleOf(except);
    const ended = new Set<string>();
    // A session that gets a new id while its old one is listed appears under the new id in the next pass. So
    // only a pass that finds none proves that none is left.
    for (let pass = 1; pass <= REVOKE_PASSES_MAX; pass++) {
      const found = (await this.#handlesOf(userId)).filter((handle) => handle !== kept && !ended.has(handle));
      if (found.length === 0) return;
      await this.#remove(userId, found);
      for (const handle of found) ended.add(handle);
    }
    throw new KvError("contended", `New sessions of this user kept coming while all were revoked.`, {
      hint: "Keep the user from logging in first, then revoke again.",
    });
  }

  async list(userId: string): Promise<ListedSession<Data>[]> {
    nonEmptyText("userId", userId);
    const handles = await this.#handlesOf(userId);
    const records = await this.#store.readMany(handles);
    // The rest belong to expired sessions. On a plain binding a session that is not
    // visible yet would look the same.
    if (this.guarantee === "atomic") {
      await this.#remove(
        userId,
        handles.filter((handle) => !records.has(handle)),
      );
    }
    const nowMs = this.#settings.nowMs();
    return [...records]
      .filter(([, record]) => nowMs < endMs(record, this.#settings.spans))
      .map(([handle, { createdMs, data }]) => ({ handle, createdMs, data: data as DeepReadonly<Data> }))
      .sort((one, other) => one.createdMs - other.createdMs);
  }

  /** Whether it is time to prolong the session. */
  #isDue({ record, expiresMs }: StoredSession): boolean {
    const { spans, nowMs } = this.#settings;
    const renewMs = this.#settings.renewMs * ((record.idleMs ?? spans.idleMs) / spans.idleMs);
    const latestMs = expiryMs(record, spans, nowMs());
    const lateMs = latestMs - expiresMs;
    // The last prolongation reaches the end of the lifetime. Without it, a session in
    // use could end one share early.
    const isLast = latestMs === endMs(record, spans);
    return lateMs > 0 && lateMs >= (isLast ? Math.min(renewMs, LAST_RENEWAL_MS_MIN) : renewMs);
  }

  #lifetime({ idleSeconds, persistent }: LoginOptions): Omit<SessionRecord, "data" | "userId"> {
    const { spans, nowMs } = this.#settings;
    if (persistent !== undefined && typeof persistent !== "boolean") {
      throw invalidOption("persistent", persistent, "true or false");
    }
    const idleMs = idleSeconds === undefined ? undefined : idleMsOf(idleSeconds);
    const createdMs = nowMs();
    return { createdMs, endsMs: createdMs + lifetimeMsOf({ idleMs }, spans), idleMs, persistent };
  }

  #session(place: Place, { record, version, expiresMs }: StoredSession, renewed = false): Session<Data> {
    const { userId, createdMs, endsMs, persistent } = record;
    const { id, handle } = place;
    const data = record.data as DeepReadonly<Data>;
    const idleSeconds = (record.idleMs ?? this.#settings.spans.idleMs) / 1000;
    const kept = { userId, data, createdMs, endsMs, expiresMs, idleSeconds, persistent };
    const made = { id, handle, ...kept, renewed, version };
    genuine.set(made, record);
    return made;
  }

  async #handlesOf(userId: string): Promise<string[]> {
    const handles: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#store.listed(userId, cursor);
      handles.push(...page.handles);
      cursor = page.cursor;
    } while (cursor !== undefined && handles.length < LISTED_SESSIONS_MAX);
    return handles;
  }

  async #remove(userId: string, handles: readonly string[]): Promise<void> {
    for (let at = 0; at < handles.length; at += PLACES_PER_COMMIT_MAX) {
      const part = handles.slice(at, at + PLACES_PER_COMMIT_MAX);
      await this.#store.remove(part.map((handle) => ({ handle, userId })));
    }
  }

  async #read(handle: string): Promise<StoredSession | null> {
    return this.#alive(await this.#store.read(handle));
  }

  /** Returns `null` for a session past its lifetime too: the store keeps it up to a minute longer. */
  #alive(stored: StoredSession | null): StoredSession | null {
    if (stored === null) return null;
    return this.#settings.nowMs() < endMs(stored.record, this.#settings.spans) ? stored : null;
  }

  async #change(
    target: string | Session<Data>,
    attempt: (place: Place, stored: StoredSession) => Promise<Session<Data> | undefined>,
  ): Promise<Session<Data> | null> {
    const place = isSession<Data>(target) ? target : await placeOf(target);
    if (place === null) return null;
    let known = isSession<Data>(target) && target.version !== null ? storedOf(target) : undefined;
    return untilUncontended<Session<Data> | null>(
      "the session",
      async () => {
        const stored = this.#alive(known ?? (await this.#store.read(place.handle)));
        known = undefined;
        if (stored === null) return { result: null };
        const result = await attempt(place, stored);
        return result === undefined ? undefined : { result };
      },
      this.#settings,
    );
  }
}

type Place = Pick<Session<unknown>, "id" | "handle">;

const CREATE_OPTION_NAMES: OptionNames<CreateOptions> = {
  userId: true,
  id: true,
  idleSeconds: true,
  persistent: true,
};

/**
 * The session objects that this module has returned. An object that only looks like one may
 * come from a client, in a JSON body where a program expected an id, and could contain the
 * handle of another user's session.
 */
const genuine = new WeakMap<object, SessionRecord>();

function isSession<Data>(target: unknown): target is Session<Data> {
  return typeof target === "object" && target !== null && genuine.has(target);
}

/** @throws KvError `option_invalid` for an id of another form */
async function newPlace(id = newSessionId()): Promise<Place> {
  const place = await placeOf(id);
  if (place === null) throw invalidOption("id", "…", "an id of newSessionId");
  return place;
}

async function placeOf(id: string): Promise<Place | null> {
  const handle = await handleOf(id);
  return handle === undefined ? null : { id, handle };
}

/** Copies the data, so that a change does not modify the caller's object. */
function storedOf(target: Omit<StoredSession, "record"> & { readonly data: unknown }): StoredSession {
  const record = genuine.get(target) as SessionRecord;
  const { version, expiresMs } = target;
  return { record: { ...record, data: structuredClone(target.data) }, version, expiresMs };
}
