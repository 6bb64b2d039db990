import type { Cache } from "../cache/cache.js";
import { CACHING_OPTION_NAMES, type CachingOptions } from "../cache/options.js";
import { refreshCacheControl } from "../cache/request-rules.js";
import { assertKnownOptions } from "../shared/known-options.js";
import type { OptionNames } from "../shared/option-names.js";
import { isPrivate } from "../shared/private-requests.js";
import {
  type FromContext,
  fromContext,
  type HonoContext,
  type HonoMiddleware,
  waitUntil,
} from "./context.js";

export interface ResponseCacheOptions<Context> extends Omit<CachingOptions, "waitUntil"> {
  /** The name under which the response is cached. @default the URL, including the query */
  readonly key?: ((c: Context) => string) | undefined;
  /**
   * The app itself. It is called again to replace a stale response after that was sent, because Hono runs a
   * request's handlers only once. Without it stale responses are not served.
   */
  readonly app?: AskedAgain | undefined;
  /**
   * Whether a client may make the cache call the handlers, with `no-cache`, `no-store`, `max-age` or
   * `min-fresh`. @default false
   */
  readonly clientsMayBypass?: boolean | undefined;
}

/** The part of a Hono app that is needed here. */
export interface AskedAgain {
  // biome-ignore lint/suspicious/noExplicitAny: the types in Hono depend on the app
  fetch(request: Request, env?: any, executionCtx?: any): Response | Promise<Response>;
}

/**
 * Responds from the cache, or lets the handlers respond and stores that, like `Cache.cached`. Middleware that
 * transforms the complete response (`etag()`, `compress()`) must come before it.
 *
 * @example
 * const pagesOf = perBinding((kv: KVNamespace) => cache(kv, { ttlSeconds: 60, staleSeconds: 600 }));
 * app.get("/pages/*", responseCache((c: Context<Env>) => pagesOf(c.env.CACHE), { app, tags: ["pages"] }));
 */
export function responseCache<Context extends HonoContext & { readonly env?: unknown }>(
  cache: FromContext<Cache, Context>,
  options: ResponseCacheOptions<Context> = {},
): HonoMiddleware<Context> {
  assertKnownOptions<ResponseCacheOptions<Context>>("responseCache", options, OPTION_NAMES);
  const { key, app, ...caching } = options;
  return async (c, next) => {
    const { raw } = c.req;
    const response = await fromContext(cache, c).cached(
      raw,
      async () => {
        await next();
        return c.res;
      },
      {
        ...caching,
        key: key && (() => key(c)),
        isPrivate: () => isPrivate(c) || isPrivate(raw),
        waitUntil: (work) => waitUntil(c, work),
        // The new request passes this middleware again, but does not accept the stored response.
        refresh: app === undefined ? false : () => askAgain(app, c),
      },
    );
    // Reset it first: Hono merges the headers of a replaced response into the new one.
    (c as { res: Response | undefined }).res = undefined;
    c.res = response;
  };
}

const { waitUntil: _, ...RESPONSE_NAMES } = CACHING_OPTION_NAMES;

const OPTION_NAMES: OptionNames<ResponseCacheOptions<unknown>> = {
  ...RESPONSE_NAMES,
  key: true,
  app: true,
  clientsMayBypass: true,
};

async function askAgain(app: AskedAgain, c: HonoContext & { readonly env?: unknown }): Promise<void> {
  const headers = new Headers(c.req.raw.headers);
  headers.set("Cache-Control", refreshCacheControl());
  for (const name of ["If-None-Match", "If-Modified-Since"]) headers.delete(name);
  const response = await app.fetch(new Request(c.req.url, { headers }), c.env, executionCtxOf(c));
  await response.body?.cancel();
}

function executionCtxOf(c: HonoContext): unknown {
  try {
    return c.executionCtx;
  } catch {
    return undefined;
  }
}
