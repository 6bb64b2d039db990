import type { RequestHead } from "../../http/request.js";
import type { ResponseHead } from "../../transient/cache-policy.js";

const ETAG = /^(?:W\/)?"(.+)"$/;
const HTTP_DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * Whether the sender of a conditional request has the response already. Tags are compared weakly (RFC 9110,
 * 13.1.2). The steps are those of Miniflare.
 */
export function isNotModified(asked: RequestHead["headers"], stored: ResponseHead["headers"]): boolean {
  const tags = asked["if-none-match"];
  const tag = opaqueTag(stored["etag"] ?? "");
  if (tags !== undefined && tag !== undefined) {
    if (tags.trim() === "*" || tags.split(",").some((each) => opaqueTag(each) === tag)) return true;
  }
  const since = asked["if-modified-since"];
  const modified = stored["last-modified"];
  if (since === undefined || modified === undefined) return false;
  return parseDate(modified) <= parseDate(String(since));
}

function opaqueTag(text: string): string | undefined {
  return ETAG.exec(text.trim())?.[1];
}

/** `NaN`, which compares as false, for any other form than the one that HTTP prefers. */
function parseDate(text: string): number {
  return HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
}
