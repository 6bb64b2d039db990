/**
 * Names between functions and the API: workerd's config, the code inside workerd, Python and Go processes send them, the
 * server reads them. The SDKs for Python and Go have copies, which a test compares with these.
 */

/** The id of the namespace that a request on the functions' socket is about. */
export const NAMESPACE_HEADER = "kvasir-namespace";
/** The ids of all namespaces that a function may reach, separated by commas. */
export const NAMESPACES_HEADER = "kvasir-namespaces";
/** The secret of this start, where the functions' socket is a loopback port. */
export const SECRET_HEADER = "kvasir-secret";
/** `bytes`: a value is sent and received as it is, whatever the namespace's encoding in the Telnyx dialect. */
export const VALUE_FORM_HEADER = "kvasir-value-form";

/** The scheme of the URL that a request to the Cache API's service is about. */
export const CACHE_SCHEME_HEADER = "kvasir-cache-scheme";
/** The `cf` of that request, as JSON. */
export const CACHE_CF_HEADER = "kvasir-cache-cf";
/** The `namespace_id` of the rate limit that a request counts for. */
export const RATE_LIMIT_HEADER = "kvasir-rate-limit";

/** The value of `TELNYX_API_KEY` unless the user sets one. The local API needs none, and functions get no real one. */
export const TELNYX_PLACEHOLDER_KEY = "kvasir-needs-no-key";

/** Where calls of rate limit bindings are counted. */
export const RATE_LIMIT_PATH = "/kvasir/rate-limit";
/** Where entries may live from one second on. */
export const SHORT_LIVED_PATH = "/kvasir/short-lived";
/** Reads several entries in one request. */
export const READ_BATCH_PATH = "/bulk/read";

/**
 * What the keys of a Workers Site begin with. It is wrangler's own: a Worker sees the same keys here and there, and
 * asks the Cache API for these paths.
 */
export const SITE_KEY_PREFIX = "$__MINIFLARE_SITES__$/";
