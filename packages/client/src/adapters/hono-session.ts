import type { KVBinding } from "../typed/binding.js";
import {
  SESSION_ENTRIES_OPTION_NAMES,
  SessionEntries,
  type SessionEntriesOptions,
} from "./session-entries.js";

export interface HonoSessionStorageOptions extends SessionEntriesOptions {
  /** In Workers pass `(work) => c.executionCtx.waitUntil(work)`: the middleware does not wait for writes. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /** Receives errors of writes, for which the middleware does not wait. @default they are ignored */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** The `Storage` of `@hono/session`. */
export interface HonoSessionStorage<Data> {
  get(sid: string): Promise<Data | null>;
  set(sid: string, value: Data): Promise<void>;
  delete(sid: string): Promise<void>;
}

/**
 * A storage for `useSessionStorage` of `@hono/session`. One request for each call.
 *
 * The middleware sends its response without waiting for `set` and `delete`. A read in the same process waits for them.
 * Another process may read the session as it was before; the recipe `sessions` has no such gap.
 *
 * @throws KvError `option_invalid`, `atomics_required`
 * @example
 * app.use(useSessionStorage(honoSessionStorage(kv)), useSession());
 */
export function honoSessionStorage<Data>(
  kv: KVBinding,
  options: HonoSessionStorageOptions = {},
): HonoSessionStorage<Data> {
  const entries = new SessionEntries(kv, { name: "honoSessionStorage", options }, {
    ...SESSION_ENTRIES_OPTION_NAMES,
    waitUntil: true,
    onError: true,
  } as typeof SESSION_ENTRIES_OPTION_NAMES);
  const { waitUntil, onError } = options;
  const writing = new Map<string, Promise<void>>();

  function write(sid: string, change: () => Promise<void>): Promise<void> {
    const work = (writing.get(sid) ?? Promise.resolve())
      .then(change)
      .catch((error: unknown) => onError?.(error))
      .finally(() => {
        if (writing.get(sid) === work) writing.delete(sid);
      });
    writing.set(sid, work);
    waitUntil?.(work);
    return work;
  }

  return {
    async get(sid) {
      await writing.get(sid);
      return ((await entries.read(sid)) ?? null) as Data | null;
    },
    set: (sid, value) => write(sid, () => entries.write(sid, value)),
    delete: (sid) => write(sid, () => entries.remove(sid)),
  };
}
