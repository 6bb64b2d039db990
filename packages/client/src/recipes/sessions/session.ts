import type { Guarantee } from "../shared/binding.js";
import type { DeepReadonly } from "../shared/deep-readonly.js";

/** A session as it was when it was read. */
export interface Session<Data> {
  /** The secret in the cookie. The store has only its hash. */
  readonly id: string;
  /** Identifies the session where the id must stay secret: in a user's list of devices, in a log. */
  readonly handle: string;
  readonly userId: string | undefined;
  /** Change it with `update`: an assignment would be lost. */
  readonly data: DeepReadonly<Data>;
  /** How long it may be unused, in seconds. */
  readonly idleSeconds: number;
  /** Whether its cookie survives a restart of the browser. `undefined`: as the option of the cookie says. */
  readonly persistent: boolean | undefined;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  /** When it ends even if it is used. */
  readonly endsMs: number;
  /** When it ends unless it is used before. */
  readonly expiresMs: number;
  /** Whether this read prolonged it. A cookie with a Max-Age then has to be sent again. */
  readonly renewed: boolean;
  /** The version for `update`. `null` if `update` has to read first. */
  readonly version: number | null;
}

/** One of a user's sessions. It does not contain the id, so a list cannot be used to take over a session. */
export type ListedSession<Data> = Pick<Session<Data>, "handle" | "data" | "createdMs">;

/** What a login may choose for its session, as with "remember me". */
export interface LoginOptions {
  /**
   * How long the session may be unused, in seconds, at least 60. If it is longer than the lifetime of sessions, the
   * session lives that long. @default the option of the recipe
   */
  readonly idleSeconds?: number | undefined;
  /** Whether the cookie survives a restart of the browser. @default the option of the cookie */
  readonly persistent?: boolean | undefined;
}

export interface CreateOptions extends LoginOptions {
  /** The user of the session. @default none */
  readonly userId?: string | undefined;
  /**
   * An id from `newSessionId`, if the cookie has to be sent before the session is stored. @default a new one
   */
  readonly id?: string | undefined;
}

export interface RotateOptions<Data> extends LoginOptions, Pick<CreateOptions, "id"> {
  /** For a login: assigns the session to this user and restarts its lifetime. @default keeps the user */
  readonly userId?: string | undefined;
  /** Changes the data; may run several times. @default keeps the data */
  readonly change?: ((data: Data) => Data) | undefined;
}

/** The result of `sessions()`. */
export interface Sessions<Data, G extends Guarantee = Guarantee> {
  readonly guarantee: G;
  /** How long an unused session lives, in seconds. */
  readonly idleSeconds: number;
  /** Creates a session. One request; with a user two on a plain binding. */
  create(data: Data, options?: CreateOptions): Promise<Session<Data>>;
  /**
   * Returns the session with that id, or `null` if it does not exist, has expired or was revoked. One
   * request; one more, a `touch`, if it is time to prolong it; none for a text that is not an id.
   *
   * @throws KvError `unavailable` while the store is unavailable, unless `onStoreError` is `anonymous`
   */
  get(id: string): Promise<Session<Data> | null>;
  /**
   * Changes the data. `change` gets the stored data and returns the new data. It may run several
   * times. Pass a session object that one of these methods returned, instead of its id, to save the
   * read: one request instead of two.
   *
   * @returns the changed session; `null` if the session has ended, and then nothing was written
   * @throws KvError `value_invalid`, `contended`
   */
  update(session: string | Session<Data>, change: (data: Data) => Data): Promise<Session<Data> | null>;
  /**
   * Gives the session a new id and ends the old one at the same time. Do this at each login.
   * Otherwise an attacker who planted an id in a browser would share the session of the user who logs
   * in there. Requests as for `update`.
   *
   * @returns `null` if the session has ended
   */
  rotate(session: string | Session<Data>, options?: RotateOptions<Data>): Promise<Session<Data> | null>;
  /** Ends a session. The very next read does not find it. One request; two if only the id is known. */
  revoke(session: string | Session<Data>): Promise<void>;
  /**
   * Ends a session of a user that `list` returned. Two requests.
   *
   * @returns whether the session belonged to that user
   */
  revokeListed(userId: string, handle: string): Promise<boolean>;
  /**
   * Ends all sessions of a user, including those that get a new id meanwhile. A concurrent login may still
   * create a session afterwards. Three requests for up to 400 sessions.
   *
   * @param options `except`: the session that stays, as in "log out everywhere else"
   */
  revokeAll(
    userId: string,
    options?: { readonly except?: string | Session<Data> | undefined },
  ): Promise<void>;
  /** Returns the user's sessions, oldest first. Two requests for up to 100 sessions. */
  list(userId: string): Promise<ListedSession<Data>[]>;
}
