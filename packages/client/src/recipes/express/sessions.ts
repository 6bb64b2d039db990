import {
  isPrivate,
  SHARED_CACHE_HEADERS,
  sessionCacheControl,
  varyOnCookie,
} from "../sessions/answer-headers.js";
import { RequestSession, type SessionAnswer } from "../sessions/request-session.js";
import type { Sessions } from "../sessions/session.js";
import { SessionCookie, type SessionCookieOptions } from "../sessions/session-cookie.js";
import { assertKnownOptions } from "../shared/known-options.js";
import { isStoreTrouble } from "../shared/store-access.js";
import { STORE_AWAY } from "../shared/store-away.js";
import {
  addSetCookie,
  type ExpressMiddleware,
  type ExpressNext,
  type ExpressRequest,
  type ExpressResponse,
  type FromRequest,
  fromRequest,
  requestHeader,
} from "./context.js";
import { onHead } from "./on-head.js";

export interface SessionMiddlewareOptions<Data> {
  readonly cookie?: SessionCookieOptions | undefined;
  /** The data of a visitor without a session. @default `{}` */
  readonly initial?: (() => Data) | undefined;
}

/** What {@link sessionMiddleware} adds to a request. */
export interface WithSession<Data> {
  session?: RequestSession<Data>;
}

/**
 * Reads the session of each request into `req.session`. Its changes are stored when the handler ends the
 * response, before the response is sent. A response with status 500 or above stores no changes, except for a
 * logout. If the head is sent earlier (`writeHead`, `write`, a file), the cookie is sent with it, and the
 * changes are stored before the response ends. Headers, requests and the behaviour while the store is
 * unavailable are as in the Hono middleware.
 *
 * @example
 * app.use(sessionMiddleware(sessions<{ visits: number }>(kv), { initial: () => ({ visits: 0 }) }));
 * app.get("/", (req, res) => {
 *   req.session.update(({ visits }) => ({ visits: visits + 1 }));
 *   res.json(req.session.data);
 * });
 *
 * @throws KvError `option_invalid` for a cookie that browsers would reject
 */
export function sessionMiddleware<
  Data,
  Request extends ExpressRequest & WithSession<Data> = ExpressRequest & WithSession<Data>,
>(
  sessions: FromRequest<Sessions<Data>, Request>,
  options: SessionMiddlewareOptions<Data> = {},
): ExpressMiddleware<Request> {
  assertKnownOptions("sessionMiddleware", options, { cookie: true, initial: true });
  const { initial = () => ({}) as Data } = options;
  const cookie = new SessionCookie(options.cookie);
  return async (req, res, next) => {
    try {
      const answer = new SessionHeaders(res);
      const session = await RequestSession.load(requestHeader(req, "Cookie"), {
        sessions: fromRequest(sessions, req),
        cookie,
        initial,
        answer,
      });
      req.session = session;
      commitAtEnd(session, { res, next, beginEnd: () => answer.beginEnd() });
      onHead(res, () => {
        if (res.statusCode < 500) session.announce();
        answer.beginHead();
      });
    } catch (error) {
      if (!isStoreTrouble(error)) return next(error);
      refuse(res);
      return;
    }
    next();
  };
}

/** Responds with 503, because the store is unavailable. */
function refuse(res: ExpressResponse): void {
  res.statusCode = STORE_AWAY.status;
  // These describe the body that is not sent.
  for (const name of ["Content-Length", "Content-Encoding", "ETag", "Cache-Control"]) res.removeHeader(name);
  for (const [name, value] of Object.entries(STORE_AWAY.headers)) res.setHeader(name, value);
  res.end(STORE_AWAY.body);
}

/** The headers that mark a response as private to one user. */
class SessionHeaders implements SessionAnswer {
  readonly #res: ExpressResponse;
  #varies = false;
  #carriesCookie = false;
  #ending = false;

  constructor(res: ExpressResponse) {
    this.#res = res;
  }

  setCookie(header: string): void {
    addSetCookie(this.#res, header);
    this.#carriesCookie = true;
    this.#protect();
  }

  variesBySession(): void {
    const res = this.#res;
    if (res.headersSent && res.writableEnded === false && !isPrivate(headerText(res, "Cache-Control"))) {
      throw new TypeError(
        "The session was first read after the head of the response had been sent, so a shared cache could show the response to others. Read the session before, or send Cache-Control: private.",
      );
    }
    this.#varies = true;
    if (!res.headersSent) this.#protect();
  }

  /**
   * The head is about to be sent. If the body comes later, the session may still be read: the response is private
   * then, unless the handler chose otherwise.
   */
  beginHead(): void {
    const chosen = ["Cache-Control", ...SHARED_CACHE_HEADERS].some(
      (name) => this.#res.getHeader(name) !== undefined,
    );
    if (!this.#ending && !chosen) this.#varies = true;
    this.#protect();
  }

  /** The body is complete. Kvasir's own responses never call `writeHead` themselves. */
  beginEnd(): void {
    this.#ending = true;
    if (!this.#res.headersSent) this.#protect();
  }

  /**
   * Overrides the handler's choice. Called again when the head is sent, because the handler may choose late.
   */
  #protect(): void {
    if (!this.#varies && !this.#carriesCookie) return;
    const res = this.#res;
    if (this.#varies) res.setHeader("Vary", varyOnCookie(headerText(res, "Vary")));
    res.setHeader("Cache-Control", sessionCacheControl(headerText(res, "Cache-Control")));
    for (const name of SHARED_CACHE_HEADERS) res.removeHeader(name);
  }
}

/** Delays the end of the response until the session's changes are stored. */
function commitAtEnd(
  session: Pick<RequestSession<never>, "commit" | "changed" | "renewed" | "dropChanges">,
  {
    res,
    next,
    beginEnd,
  }: { readonly res: ExpressResponse; readonly next: ExpressNext; readonly beginEnd: () => void },
): void {
  const wrapped = res.end.bind(res) as (...args: unknown[]) => unknown;
  const end = (...args: unknown[]) => {
    beginEnd();
    return wrapped(...args);
  };
  let committing: Promise<void> | undefined;
  res.end = (...args: unknown[]) => {
    // The response is already ending: a second call adds nothing.
    if (committing !== undefined) return res;
    // A cookie that is only renewed can be sent next time. One with a new id must be sent now, and fails
    // below.
    const sendsCookie = session.renewed && !res.headersSent;
    if (res.statusCode >= 500) session.dropChanges();
    if (!(session.changed || (sendsCookie && res.statusCode < 500))) return end(...args);
    const { statusCode } = res;
    committing = session.commit().then(
      () => {
        res.statusCode = statusCode;
        end(...args);
      },
      (error: unknown) => {
        // The error handler ends the response in the usual way.
        res.end = end;
        if (res.headersSent || !isStoreTrouble(error)) throw error;
        refuse(res);
      },
    );
    if (isOfKvasir(res)) {
      // A Kvasir function that returns without a response is done, unless something is still being sent.
      // Errors of that are errors of the function. It is awaited after the function has returned; until then
      // a rejection must not count as unhandled.
      committing.catch(() => undefined);
      res.sending = committing;
    } else {
      committing.catch(next);
    }
    return res;
  };
}

/** Whether this is the response of one of Kvasir's own Express-style functions. */
function isOfKvasir(res: ExpressResponse): res is ExpressResponse & { sending: Promise<void> | undefined } {
  return "sending" in res;
}

function headerText(res: ExpressResponse, name: string): string {
  return [res.getHeader(name) ?? ""].flat().join(", ");
}
