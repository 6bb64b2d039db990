import { sessionCacheControl, varyOnCookie } from "../sessions/answer-headers.js";
import { RequestSession, type SessionAnswer } from "../sessions/request-session.js";
import type { Sessions } from "../sessions/session.js";
import { SessionCookie, type SessionCookieOptions } from "../sessions/session-cookie.js";
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
 * Reads the session of each request into `req.session`, and makes its changes when the handler ends the answer, before
 * that goes; an answer of status 500 and above changes nothing. A handler that writes parts of the answer earlier calls
 * `await req.session.commit()` before the first. Headers and requests are as with the Hono middleware.
 *
 * @example
 * app.use(sessionMiddleware(sessions<{ visits: number }>(kv), { initial: () => ({ visits: 0 }) }));
 * app.get("/", (req, res) => {
 *   req.session.update(({ visits }) => ({ visits: visits + 1 }));
 *   res.json(req.session.data);
 * });
 *
 * @throws KvError `option_invalid` for a cookie that browsers would not take
 */
export function sessionMiddleware<
  Data,
  Request extends ExpressRequest & WithSession<Data> = ExpressRequest & WithSession<Data>,
>(
  sessions: FromRequest<Sessions<Data>, Request>,
  { cookie: cookieOptions, initial = () => ({}) as Data }: SessionMiddlewareOptions<Data> = {},
): ExpressMiddleware<Request> {
  const cookie = new SessionCookie(cookieOptions);
  return async (req, res, next) => {
    try {
      req.session = await RequestSession.load(requestHeader(req, "Cookie"), {
        sessions: fromRequest(sessions, req),
        cookie,
        initial,
        answer: answerOf(res),
      });
      commitAtEnd(req.session, res, next);
    } catch (error) {
      return next(error);
    }
    next();
  };
}

function answerOf(res: ExpressResponse): SessionAnswer {
  const cacheControl = (carriesCookie: boolean) => {
    res.setHeader("Cache-Control", sessionCacheControl(headerText(res, "Cache-Control"), carriesCookie));
  };
  return {
    setCookie(header) {
      addSetCookie(res, header);
      cacheControl(true);
    },
    // At once, for a handler may send the headers long before it ends. It may also still choose others.
    variesBySession() {
      if (res.headersSent) return;
      res.setHeader("Vary", varyOnCookie(headerText(res, "Vary")));
      cacheControl(false);
    },
  };
}

/** Holds the end of the answer back until the session's changes are made. */
function commitAtEnd(
  session: Pick<RequestSession<never>, "commit" | "changed" | "renewed">,
  res: ExpressResponse,
  next: ExpressNext,
): void {
  const end = res.end.bind(res) as (...args: unknown[]) => unknown;
  let committing: Promise<void> | undefined;
  res.end = (...args: unknown[]) => {
    // What ends the answer again meanwhile has nothing to add.
    if (committing !== undefined) return res;
    // A cookie that is only sent again can wait for the next time; one that carries a new id cannot, and fails below.
    const sendsCookie = session.renewed && !res.headersSent;
    if (res.statusCode >= 500 || !(session.changed || sendsCookie)) return end(...args);
    const { statusCode } = res;
    committing = session.commit().then(
      () => {
        res.statusCode = statusCode;
        end(...args);
      },
      (error: unknown) => {
        // Whoever answers for the failure ends the answer in the usual way.
        res.end = end;
        throw error;
      },
    );
    if (isOfKvasir(res)) {
      // A function that returned without an answer has none, unless something is still being sent; what fails there is
      // the function's failure. Awaited once the function has returned; until then it must not count as unhandled.
      committing.catch(() => undefined);
      res.sending = committing;
    } else {
      committing.catch(next);
    }
    return res;
  };
}

/** Whether it is the answer of one of Kvasir's own Express-style functions. */
function isOfKvasir(res: ExpressResponse): res is ExpressResponse & { sending: Promise<void> | undefined } {
  return "sending" in res;
}

function headerText(res: ExpressResponse, name: string): string {
  return [res.getHeader(name) ?? ""].flat().join(", ");
}
