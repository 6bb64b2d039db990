import { nonEmptyText } from "../options.js";
import type { Session, Sessions } from "./session.js";
import type { SessionCookie } from "./session-cookie.js";
import { newSessionId } from "./session-id.js";

/** What a request's session does to the answer. */
export interface SessionAnswer {
  /** Puts this Set-Cookie header on it. */
  setCookie(header: string): void;
  /** Somebody has asked for the session, so that the answer may depend on it. Called once. */
  variesBySession(): void;
}

export interface RequestSessionOptions<Data> {
  readonly sessions: Sessions<Data>;
  readonly cookie: SessionCookie;
  /** The data of a session that has none yet. */
  readonly initial: () => Data;
  readonly answer: SessionAnswer;
}

/**
 * The session of one request: what `c.get("session")` and `req.session` are. Reading it costs nothing more; its changes
 * are collected and made by `commit`, which the middleware calls before the answer goes.
 *
 * A visitor without a session gets one with the first change, so that those who only look cost nothing.
 */
export class RequestSession<Data> {
  readonly #options: RequestSessionOptions<Data>;
  #stored: Session<Data> | null;
  #data: Data;
  #used = false;
  #changes: ((data: Data) => Data)[] = [];
  /** A new id is due, at a login for this user. */
  #rotation: { readonly userId: string | undefined } | undefined;
  #destroyed: Session<Data> | undefined;
  #clearsCookie = false;
  #renewed: boolean;
  /** The id that the response's head, which has gone, promised to a session that is not stored yet. */
  #announcedId: string | undefined;

  constructor(stored: Session<Data> | null, options: RequestSessionOptions<Data>) {
    this.#options = options;
    this.#stored = stored;
    this.#data = stored === null ? options.initial() : stored.data;
    this.#renewed = stored?.renewed === true;
  }

  /** Reads the session that the Cookie header names. No request without such a cookie; otherwise as `sessions.get`. */
  static async load<Data>(
    cookieHeader: string | null | undefined,
    options: RequestSessionOptions<Data>,
  ): Promise<RequestSession<Data>> {
    const id = options.cookie.read(cookieHeader);
    return new RequestSession(id === undefined ? null : await options.sessions.get(id), options);
  }

  /** The data with this request's changes; for a visitor without a session the initial ones. */
  get data(): Data {
    this.#use();
    return this.#data;
  }

  /** The user who is logged in. */
  get userId(): string | undefined {
    this.#use();
    return this.#rotation?.userId ?? this.#stored?.userId;
  }

  /** Whether there is a session in the store, as far as this request knows. */
  get exists(): boolean {
    this.#use();
    return this.#stored !== null;
  }

  /** Names the session without being its id: for logs, and to tell it apart in `sessions.list`. */
  get handle(): string | undefined {
    this.#use();
    return this.#stored?.handle;
  }

  /** Whether {@link commit} has anything to write. */
  get changed(): boolean {
    const made = this.#changes.length > 0 || this.#rotation !== undefined;
    return made || this.#destroyed !== undefined || this.#clearsCookie;
  }

  /** Whether it was prolonged, so that {@link commit} sends the cookie again. */
  get renewed(): boolean {
    return this.#renewed;
  }

  /**
   * Changes the data. `change` gets the data and returns what they shall be. It is called at once, and again by `commit`
   * with what is stored by then: what other requests changed meanwhile stays.
   */
  update(change: (data: Data) => Data): void {
    this.#use();
    // A copy, for a change that alters what it gets would else be made twice: here and by `commit`.
    this.#data = change(structuredClone(this.#data));
    this.#changes.push(change);
  }

  /**
   * Makes the session the user's, under a new id, with its lifetime anew. What a visitor gathered before stays theirs;
   * of another user's session nothing does.
   *
   * @throws KvError `option_invalid` for what is no name
   */
  login(userId: string): void {
    nonEmptyText("userId", userId);
    this.#use();
    const before = this.#stored?.userId;
    if (before !== undefined && before !== userId) this.destroy();
    this.#rotation = { userId };
  }

  /** Gives the session a new id. To be called whenever it becomes able to do more, as `login` does by itself. */
  rotate(): void {
    this.#use();
    // Who has no session has no id that anybody could know.
    if (this.#stored !== null) this.#rotation ??= { userId: undefined };
  }

  /** Ends the session and takes the cookie away. */
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

  /** Forgets the changes, but no logout: whoever was told to go must not come back because a handler failed later. */
  dropChanges(): void {
    this.#changes = [];
    this.#rotation = undefined;
    this.#renewed = false;
  }

  /**
   * Puts the cookie of what {@link commit} is going to make on the response, for its head goes now. Changes that begin
   * a session after that reach no cookie any more.
   */
  announce(): void {
    const { sessions, cookie, answer } = this.#options;
    const begins = this.#stored === null && this.#changes.length > 0;
    if (begins || this.#rotation !== undefined) {
      this.#announcedId ??= newSessionId();
      answer.setCookie(cookie.issue(this.#announcedId, sessions.idleSeconds));
    } else if (this.#stored !== null && this.#renewed) {
      answer.setCookie(cookie.issue(this.#stored.id, sessions.idleSeconds));
    } else if (this.#clearsCookie) {
      answer.setCookie(cookie.clear());
    }
    this.#renewed = false;
    this.#clearsCookie = false;
  }

  /**
   * Makes the changes, and puts the cookie on the answer where the browser needs another one than it has. One request
   * for any number of changes to a session; one for a new session, a login, a logout. None when nothing changed.
   *
   * A session that was revoked meanwhile stays so: its changes are dropped. The browser keeps its cookie then, for taking
   * it away could take a newer one that another answer has just brought.
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
      answer.setCookie(cookie.issue(this.#stored.id, sessions.idleSeconds));
    } else if (this.#clearsCookie) {
      answer.setCookie(cookie.clear());
    }
    if (this.#stored !== null) this.#data = this.#stored.data;
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
    // What the handler saw: nobody else can have changed a session that is not there yet.
    if (before === null) return sessions.create(this.#data, { userId: rotation?.userId, id });
    if (rotation === undefined) return sessions.update(before, change);
    const rotated = await sessions.rotate(before, { userId: rotation.userId, id, change });
    // Who logs in gets a session, whatever became of the one before.
    if (rotated === null && rotation.userId !== undefined) {
      return sessions.create(change(initial()), { userId: rotation.userId, id });
    }
    return rotated;
  }
}
