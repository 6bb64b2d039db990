import { isStoreTrouble } from "../recipes/shared/store-access.js";
import type { KVBinding } from "../typed/binding.js";
import {
  SESSION_ENTRIES_OPTION_NAMES,
  SessionEntries,
  type SessionEntriesOptions,
} from "./session-entries.js";

export type ExpressSessionStoreOptions = SessionEntriesOptions;

/** The part of a session of `express-session` that a store needs. */
interface StoredSession {
  readonly cookie: { readonly expires?: Date | string | null | undefined };
}

type Done<Result> = (error?: unknown, result?: Result) => void;

/** What {@link expressSessionStore} adds to the base class of `express-session`. */
export interface ExpressSessionStore {
  get(id: string, done: Done<never>): void;
  set(id: string, session: object, done?: Done<void>): void;
  touch(id: string, session: object, done?: Done<void>): void;
  destroy(id: string, done?: Done<void>): void;
  /** Reads every session: for administration only. */
  all(done: Done<never>): void;
  length(done: Done<number>): void;
  clear(done?: Done<void>): void;
}

/**
 * A store for `express-session`. Requests: one to read, one to change or destroy, two to prolong.
 *
 * A session ends when its cookie does, else `ttlSeconds` after its last change. As in every store of
 * `express-session`, the later of two changes of a session wins; use the recipe `sessions` if none may be lost. A
 * session that was destroyed is not brought back by a request that only prolongs it.
 *
 * While the store is away, requests fail within `timeoutMs` with an error of status 503.
 *
 * @param Base `session.Store` of `express-session`
 * @throws KvError `option_invalid`, `atomics_required`
 * @example
 * import session from "express-session";
 * app.use(session({ secret, store: expressSessionStore(session.Store, kv) }));
 */
export function expressSessionStore<Base extends object>(
  Base: abstract new () => Base,
  kv: KVBinding,
  options: ExpressSessionStoreOptions = {},
): Base & ExpressSessionStore {
  const entries = new SessionEntries(
    kv,
    { name: "expressSessionStore", options },
    SESSION_ENTRIES_OPTION_NAMES,
  );
  const store: ExpressSessionStore = {
    get: (id, done) => finish(entries.read(id) as Promise<never>, done),
    set: (id, session, done) => finish(entries.write(id, session, endMsOf(session)), done),
    touch(id, session, done) {
      const { cookie } = session as StoredSession;
      finish(
        entries.prolong(id, (stored) => ({ ...(stored as object), cookie }), endMsOf(session)),
        done,
      );
    },
    destroy: (id, done) => finish(entries.remove(id), done),
    all: (done) => finish(allOf(entries) as Promise<never>, done),
    length: (done) =>
      finish(
        allOf(entries).then(({ length }) => length),
        done,
      ),
    clear: (done) => finish(entries.clear(), done),
  };
  // The declarations call it abstract, because two of its methods are missing.
  return Object.assign(new (Base as new () => Base)(), store);
}

async function allOf(entries: SessionEntries): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const { data } of entries.all()) all.push(data);
  return all;
}

function endMsOf(session: object): number | undefined {
  const { expires } = (session as StoredSession).cookie;
  if (expires === null || expires === undefined) return undefined;
  const endMs = new Date(expires).getTime();
  return Number.isNaN(endMs) ? undefined : endMs;
}

function finish<Result>(work: Promise<Result>, done: Done<Result> = () => {}): void {
  work.then(
    // Outside of the promise: an error in the callback is not the store's.
    (result) => setTimeout(() => done(null, result)),
    (error: unknown) => setTimeout(() => done(withStatus(error))),
  );
}

/** Express responds with the status of an error. */
function withStatus(error: unknown): unknown {
  return isStoreTrouble(error) ? Object.assign(error, { status: 503 }) : error;
}
