import type { DeepReadonly } from "../shared/deep-readonly.js";
import { assertKnownOptions } from "../shared/known-options.js";
import { nonEmptyText } from "../shared/options.js";
import { idleMsOf } from "./options.js";
import type { LoginOptions, Session, Sessions } from "./session.js";
import type { SessionCookie } from "./session-cookie.js";
import { newSessionId } from "./session-id.js";

/** How the session of a request changes the response. */
export interface SessionAnswer {
  /** Adds this Set-Cookie header to the response. */
  setCookie(header: string): void;
  /** Marks the response as dependent on the session. Called once, when the session is first used. */
  variesBySession(): void;
}

export interface RequestSessionOptions<Data> {
  readonly sessions: Sessions<Data>;
  readonly cookie: SessionCookie;
  /** The initial data of a new session. */
  readonly initial: () => Data;
  readonly answer: SessionAnswer;
}

/**
 * The session of one request: the value of `c.get("session")` and `req.session`. Reading it costs
 * no further request. Its changes are collected and stored by `commit`, which the middleware
 * calls before the response is sent.
 *
 * A visitor without a session gets one at the first change, so visitors who only read cost nothing.
 */
export class RequestSession<Data> {
  readonly #options: RequestSessionOptions<Data>;
  #stored: Session<Data> | null;
  #data: Data;
  #used = false;
  #changes: ((data: Data) => Data)[] = [];
  /** Set if the session needs a new id, with the user who logs in, if any. */
  #rotation: (LoginOptions & { readonly userId: string | undefined }) | undefined;
  #destroyed: Session<Data> | undefined;
  #clearsCookie = false;
  #renewed: boolean;
  /** The id in a head that was already sent, for a session that is not stored yet. */
  #announcedId: string | undefined;

  constructor(stored: Session<Data> | null, options: RequestSessionOptions<Data>) {
    this.#options = options;
    this.#stored = stored;
    this.#data = stored === null ? options.initial() : (stored.data as Data);
    this.#renewed = stored?.renewed === true;
  }

  /** Reads the session of the Cookie header. No request without the cookie; otherwise like `sessions.get`. */
  static async load<Data>(
    cookieHeader: string | null | undefined,
    options: RequestSessionOptions<Data>,
  ): Promise<RequestSession<Data>> {
    const id = options.cookie.read(cookieHeader);
    return new RequestSession(id === undefined ? null : await options.sessions.get(id), options);
  }

  /**
   * The data including this request's changes, or the initial data for a visitor without a session. Change them with
   * `update`.
   */
  get data(): DeepReadonly<Data> {
    this.#use();
    return this.#data as DeepReadonly<Data>;
  }

  /** The user who is logged in. */
  get userId(): string | undefined {
    this.#use();
    return this.#rotation?.userId ?? this.#stored?.userId;
  }

  /** Whether the session exists in the store, as far as this request knows. */
  get exists(): boolean {
    this.#use();
    return this.#stored !== null;
  }

  /** Identifies the session without revealing its id: for logs and for `sessions.list`. */
  get handle(): string | undefined {
    this.#use();
    return this.#stored?.handle;
  }

  /** Whether {@link commit} has anything to write. */
  get changed(): boolean {
    const made = this.#changes.length > 0 || this.#rotation !== undefined;
    return made || this.#destroyed !== undefined || this.#clearsCookie;
  }

  /** Whether the session was prolonged, so that {@link commit} sends the cookie again. */
  get renewed(): boolean {
    return this.#renewed;
  }

  /**
   * Changes the data. `change` gets the data and returns the new data. It runs now, and again in `commit` on
   * the stored data, so that concurrent changes of other requests are kept.
   */
  update(change: (data: Data) => Data): void {
    this.#use();
    // A copy: otherwise a change that modifies its argument would be applied twice, here and in `commit`.
    this.#data = change(structuredClone(this.#data));
    this.#changes.push(change);
  }

  /**
   * Assigns the session to the user, with a new id and a new lifetime. Data that the visitor collected before
   * is kept. Data of another user's session is dropped.
   *
   * @throws KvError `option_invalid` for an empty id
   * @example
   * session.login(user.id, remember ? { idleSeconds: 30 * 86_400, persistent: true } : { persistent: false });
   */
  login(userId: string, options: LoginOptions = {}): void {
    nonEmptyText("userId", userId);
    assertKnownOptions("login", options, { idleSeconds: true, persistent: true });
    if (options.idleSeconds !== undefined) idleMsOf(options.idleSeconds);
    this.#use();
    const before = this.#stored?.userId;
    if (before !== undefined && before !== userId) this.destroy();
    this.#rotation = { ...options, userId };
  }

  /**
   * Gives the session a new id. Call it whenever the session gets more rights. `login` does it automatically.
   */
  rotate(): void {
    this.#use();
    // Without a stored session there is no id that anyone could know.
    if (this.#stored !== null) this.#rotation ??= { userId: undefined };
  }

  /** Ends the session and deletes the cookie. */
  destroy(): void {
    this.#use();
    this.#destroyed ??= this.#stored ?? undefined;
    this.#clearsCookie = true;
    this.#stored = null;
    this.#data = this.#options.initial();
    this.#changes = [];
    this.#rotation = undefined;
    this.#renewed = false;
  }

  /**
   * Drops the changes but keeps a logout: a user who logged out must stay so even if a handler fails later.
   */
  dropChanges(): void {
    this.#changes = [];
    this.#rotation = undefined;
    this.#renewed = false;
  }

  /**
   * Adds the cookie for the coming {@link commit} to the response, because its head is sent now. If a later
   * change begins a session, its cookie cannot be sent any more.
   */
  announce(): void {
    const { sessions, cookie, answer } = this.#options;
    const begins = this.#stored === null && this.#changes.length > 0;
    if (begins || this.#rotation !== undefined) {
      this.#announcedId ??= newSessionId();
      const { idleSeconds, persistent } = this.#rotation ?? {};
      const chosen = this.#stored !== null && this.#rotation?.userId === undefined ? this.#stored : undefined;
      answer.setCookie(
        cookie.issue(
          this.#announcedId,
          idleSeconds ?? chosen?.idleSeconds ?? sessions.idleSeconds,
          persistent ?? chosen?.persistent,
        ),
      );
    } else if (this.#stored !== null && this.#renewed) {
      const { id, idleSeconds, persistent } = this.#stored;
      answer.setCookie(cookie.issue(id, idleSeconds, persistent));
    } else if (this.#clearsCookie) {
      answer.setCookie(cookie.clear());
    }
    this.#renewed = false;
    this.#clearsCookie = false;
  }

  /**
   * Stores the changes, and sends the cookie if the browser needs a new one. One request for any number of
   * changes; one for a new session, a login or a logout; none if nothing changed.
   *
   * A session that was revoked meanwhile stays revoked, and its changes are dropped. The cookie is not
   * deleted then, because that could delete a newer cookie of another response.
   */
  async commit(): Promise<void> {
    const { sessions, cookie, answer } = this.#options;
    if (this.#destroyed !== undefined) await sessions.revoke(this.#destroyed);
    this.#destroyed = undefined;
    const before = this.#stored;
    const issues = this.#renewed || this.#rotation !== undefined || before === null;
    const changed = this.#changes.length > 0 || this.#rotation !== undefined;
    if (changed) this.#stored = await this.#write(before);
    if (this.#stored !== null && issues && this.#stored.id !== this.#announcedId) {
      const { id, idleSeconds, persistent } = this.#stored;
      answer.setCookie(cookie.issue(id, idleSeconds, persistent));
    } else if (this.#clearsCookie) {
      answer.setCookie(cookie.clear());
    }
    if (this.#stored !== null) this.#data = this.#stored.data as Data;
    this.#changes = [];
    this.#rotation = undefined;
    this.#clearsCookie = false;
    this.#renewed = false;
  }

  #use(): void {
    if (this.#used) return;
    this.#used = true;
    this.#options.answer.variesBySession();
  }

  async #write(before: Session<Data> | null): Promise<Session<Data> | null> {
    const { sessions, initial } = this.#options;
    const changes = this.#changes;
    const id = this.#announcedId;
    const change = (data: Data) => changes.reduce((changed, next) => next(changed), data);
    const rotation = this.#rotation;
    // Stores what the handler saw: a session that does not exist yet cannot have been changed by others.
    if (before === null) return sessions.create(this.#data, { ...rotation, id });
    if (rotation === undefined) return sessions.update(before, change);
    const rotated = await sessions.rotate(before, { ...rotation, id, change });
    // A login always results in a session, even if the previous one has ended.
    if (rotated === null && rotation.userId !== undefined) {
      return sessions.create(change(initial()), { ...rotation, id });
    }
    return rotated;
  }
}
