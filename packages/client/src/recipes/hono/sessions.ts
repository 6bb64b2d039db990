import { SHARED_CACHE_HEADERS, sessionCacheControl, varyOnCookie } from "../sessions/answer-headers.js";
import { RequestSession } from "../sessions/request-session.js";
import type { Sessions } from "../sessions/session.js";
import { SessionCookie, type SessionCookieOptions } from "../sessions/session-cookie.js";
import { assertKnownOptions } from "../shared/known-options.js";
import { markPrivate } from "../shared/private-requests.js";
import { isStoreTrouble } from "../shared/store-access.js";
import { STORE_AWAY } from "../shared/store-away.js";
import { type FromContext, fromContext, type HonoContext, type HonoMiddleware } from "./context.js";

export interface SessionMiddlewareOptions<Data> {
  readonly cookie?: SessionCookieOptions | undefined;
  /** The data of a visitor without a session. @default `{}` */
  readonly initial?: (() => Data) | undefined;
}

/** For `new Hono<{ Variables: SessionVariables<Data> }>()`. */
export interface SessionVariables<Data> {
  readonly session: RequestSession<Data>;
}

/**
 * Reads the session of each request into `c.get("session")`. Its changes are stored after the
 * handler, before the response is sent. As in Django, a response with status 500 or above stores no
 * changes. A logout counts even then.
 *
 * The cookie is sent if the id is new or the session was prolonged. A response that depends on the
 * session or carries the cookie is `private`, regardless of the handler, and `responseCache` never stores
 * it, in any order of the two middlewares. A response that opens a WebSocket cannot carry the cookie, so
 * the session has to begin before.
 *
 * While the store is unavailable the response is a 503 with `Retry-After`. This also applies if the handler
 * has responded and its changes cannot be stored. With `onStoreError: "anonymous"`, requests that do not
 * change the session are served without one.
 *
 * Requests: none without a cookie or a change; otherwise one to read and one to change.
 *
 * @example
 * const sessionsOf = perBinding((kv: KVNamespace) => sessions<{ visits: number }>(kv));
 * app.use(
 *   sessionMiddleware((c: Context<Env>) => sessionsOf(c.env.SESSIONS), { initial: () => ({ visits: 0 }) }),
 * );
 * app.get("/", (c) => {
 *   c.get("session").update(({ visits }) => ({ visits: visits + 1 }));
 *   return c.json(c.get("session").data);
 * });
 *
 * @throws KvError `option_invalid` for a cookie that browsers would reject
 */
export function sessionMiddleware<Data, Context extends HonoContext = HonoContext>(
  sessions: FromContext<Sessions<Data>, Context>,
  options: SessionMiddlewareOptions<Data> = {},
): HonoMiddleware<Context> {
  assertKnownOptions("sessionMiddleware", options, { cookie: true, initial: true });
  const { initial = () => ({}) as Data } = options;
  const cookie = new SessionCookie(options.cookie);
  return async (c, next) => {
    let [varies, carriesCookie, upgraded] = [false, false, false];
    const loading = RequestSession.load(c.req.header("Cookie"), {
      sessions: fromContext(sessions, c),
      cookie,
      initial,
      answer: {
        setCookie: (header) => {
          carriesCookie = true;
          if (!upgraded) c.header("Set-Cookie", header, { append: true });
        },
        variesBySession: () => {
          varies = true;
          markPrivate(c);
          markPrivate(c.req.raw);
        },
      },
    });
    const session = await unlessAway(loading);
    if (session === AWAY) return storeAway();
    c.set("session", session);
    await next();
    // This response opens a WebSocket. A copy with other headers would lose the socket.
    upgraded = c.res.status === 101;
    if (c.res.status >= 500) session.dropChanges();
    if ((await unlessAway(session.commit())) === AWAY) {
      // Reset it first: Hono merges the headers of a replaced response into the new one.
      (c as { res: Response | undefined }).res = undefined;
      c.res = storeAway();
    }
    if (upgraded) return;
    const { headers } = c.res;
    if (varies) c.header("Vary", varyOnCookie(headers.get("Vary")));
    if (!varies && !carriesCookie) return;
    c.header("Cache-Control", sessionCacheControl(headers.get("Cache-Control")));
    for (const name of SHARED_CACHE_HEADERS) if (headers.has(name)) c.header(name, undefined);
  };
}

const AWAY = Symbol("away");

async function unlessAway<Result>(work: Promise<Result>): Promise<Result | typeof AWAY> {
  try {
    return await work;
  } catch (error) {
    if (isStoreTrouble(error)) return AWAY;
    throw error;
  }
}

function storeAway(): Response {
  return new Response(STORE_AWAY.body, STORE_AWAY);
}
