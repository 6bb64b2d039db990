import type { Guarantee } from "../binding.js";

/** A session, as it was when it was read. */
export interface Session<Data> {
  /** The secret that a cookie carries. The store has only its hash. */
  readonly id: string;
  /** Names the session where the id must not be shown: in a user's list of their devices, in a log. */
  readonly handle: string;
  readonly userId: string | undefined;
  readonly data: Data;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  /** When it ends however much it is used. */
  readonly endsMs: number;
  /** When it ends unless it is used before. */
  readonly expiresMs: number;
  /** Whether this read prolonged it: then a cookie with an age has to be sent again. */
  readonly renewed: boolean;
  /** The version that `update` goes by; `null` when it has to read first. */
  readonly version: number | null;
}

/** One of a user's sessions. There is no id in it, so a list gives nobody a session. */
export type ListedSession<Data> = Pick<Session<Data>, "handle" | "data" | "createdMs">;

export interface CreateOptions {
  /** Whose session it is. @default nobody's */
  readonly userId?: string | undefined;
  /** An id of `newSessionId`, where the cookie has to be sent before the session is stored. @default a new one */
  readonly id?: string | undefined;
}

export interface RotateOptions<Data> extends Pick<CreateOptions, "id"> {
  /** A login: the session is this user's from now on, and its lifetime starts anew. @default the user it had */
  readonly userId?: string | undefined;
  /** What becomes of the data; may run several times. @default they stay */
  readonly change?: ((data: Data) => Data) | undefined;
}

/** What `sessions()` makes. */
export interface Sessions<Data, G extends Guarantee = Guarantee> {
  readonly guarantee: G;
  /** How long an unused session lives, in seconds. */
  readonly idleSeconds: number;
  /** Begins a session. One request; with a user two on a plain binding. */
  create(data: Data, options?: CreateOptions): Promise<Session<Data>>;
  /**
   * The session with that id, or `null` when there is none: it never was, it expired, it was revoked. One request; one
   * more, a `touch`, when it is time to prolong it; none for what has not the form of an id.
   *
   * @throws KvError `unavailable` while the store is away, unless `onStoreError` is `anonymous`
   */
  get(id: string): Promise<Session<Data> | null>;
  /**
   * Changes the data. `change` gets what is stored and returns what shall be; it may run several times. Passing the
   * session itself, as one of these methods gave it, rather than its id saves the read: one request instead of two.
   *
   * @returns the session as it is now; `null` when there is none any more, and then nothing was written
   * @throws KvError `value_invalid`, `contended`
   */
  update(session: string | Session<Data>, change: (data: Data) => Data): Promise<Session<Data> | null>;
  /**
   * Gives the session a new id, and ends the old one in the same moment. Do so at each login, or who planted an id in a
   * browser shares the session of whoever logs in there. Requests as for `update`.
   *
   * @returns `null` when there is none any more
   */
  rotate(session: string | Session<Data>, options?: RotateOptions<Data>): Promise<Session<Data> | null>;
  /** Ends a session; the very next read does not find it. One request; two when only the id is known. */
  revoke(session: string | Session<Data>): Promise<void>;
  /** Ends the session of a user that a list showed. Two requests. @returns whether it was that user's */
  revokeListed(userId: string, handle: string): Promise<boolean>;
  /**
   * Ends all sessions of a user, those that rotate meanwhile too. A login that is under way may begin one afterwards.
   * Three requests for up to 400 sessions.
   *
   * @param options `except`: the session that stays, as in "log out everywhere else"
   */
  revokeAll(
    userId: string,
    options?: { readonly except?: string | Session<Data> | undefined },
  ): Promise<void>;
  /** The user's sessions, oldest first. Two requests for up to 100 sessions. */
  list(userId: string): Promise<ListedSession<Data>[]>;
}
