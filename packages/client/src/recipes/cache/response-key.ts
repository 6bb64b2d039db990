import { sha256Hex } from "../shared/digest.js";
import { RESPONSE_TAG } from "./cache-keys.js";

/** Longest readable key, in characters. Each may take three bytes, and the hash of a variant follows. */
const READABLE_LENGTH_MAX = 120;

/**
 * The cache key of a request. Requests with credentials have separate keys. They must not get the response
 * for an anonymous visitor, and their uncacheable responses must not disable caching for anonymous visitors.
 */
export async function responseKey(request: Request, name: string): Promise<string> {
  const { headers } = request;
  const credentials = headers.has("Authorization")
    ? "authorization"
    : headers.has("Cookie")
      ? "cookie"
      : "anonymous";
  return `${credentials} ${await shortened(name)}`;
}

/** The tag of all responses for a name: all variants, with and without credentials. */
export async function responseTag(name: string): Promise<string> {
  return RESPONSE_TAG + (await shortened(name));
}

/** The name for responses if a key is a URL or a path. `undefined` for other keys. */
export function responseName(key: string): string | undefined {
  if (key.startsWith("/")) return key;
  return URL.canParse(key) ? withoutHash(key) : undefined;
}

/** The URLs of the same origin in the response to a change (RFC 9111, 4.4). */
export function relatedUrls(request: Request, response: Response): readonly string[] {
  const urls: string[] = [];
  for (const header of ["Location", "Content-Location"]) {
    const text = response.headers.get(header);
    if (text === null || !URL.canParse(text, request.url)) continue;
    const url = new URL(text, request.url);
    if (url.origin === new URL(request.url).origin) urls.push(withoutHash(url.href));
  }
  return urls;
}

/** The key of the response for these request headers. */
export async function variantKey(
  key: string,
  { headers }: Request,
  names: readonly string[],
): Promise<string> {
  const values = names.map((name) => headers.get(name)?.replace(/\s+/g, " ").trim() ?? null);
  return `${key}#${await sha256Hex(JSON.stringify([names, values]))}`;
}

/** The names in `Vary`, in lower case and sorted. */
export function varyNames(headers: Headers): readonly string[] {
  const names = (headers.get("Vary") ?? "").split(",").map((name) => name.trim().toLowerCase());
  return [...new Set(names.filter((name) => name !== ""))].sort();
}

/** The URL without its fragment. */
export function urlOf(request: Request): string {
  return withoutHash(request.url);
}

function withoutHash(text: string): string {
  const url = new URL(text);
  url.hash = "";
  return url.href;
}

async function shortened(name: string): Promise<string> {
  return name.length <= READABLE_LENGTH_MAX ? name : `sha256-${await sha256Hex(name)}`;
}
