import type { ApiExchange } from "../../api/api-exchange.js";
import type { CacheKey } from "../../transient/response-entry.js";
import { CACHE_CF_HEADER, CACHE_SCHEME_HEADER, SITE_KEY_PREFIX } from "../../wire/names.js";

/** Sent by workerd with the name of a cache that code has opened. */
const NAMESPACE_HEADER = "cf-cache-namespace";

/** The cache and the key that a request is about: `cf.cacheKey` if the code gave one, otherwise the URL. */
export function cacheKeyOf({ request }: ApiExchange): CacheKey {
  const { headers, url = "/" } = request;
  const cache = headers[NAMESPACE_HEADER];
  return {
    cache: cache === undefined ? null : String(cache),
    text: givenKey(headers[CACHE_CF_HEADER]) ?? `${headers[CACHE_SCHEME_HEADER]}://${headers.host}${url}`,
  };
}

/**
 * Whether a request is about a file of a Workers Site. Its key names no version of the file, so a response that was
 * kept would hide the next edit. Miniflare keeps none either.
 */
export function isSiteFile({ request }: ApiExchange): boolean {
  return request.url?.startsWith(`/${SITE_KEY_PREFIX}`) === true;
}

function givenKey(cf: string | readonly string[] | undefined): string | undefined {
  if (cf === undefined) return undefined;
  try {
    const { cacheKey } = JSON.parse(String(cf)) as { readonly cacheKey?: unknown };
    return cacheKey ? String(cacheKey) : undefined;
  } catch {
    // The code set a header of this name, and no `cf`.
    return undefined;
  }
}
