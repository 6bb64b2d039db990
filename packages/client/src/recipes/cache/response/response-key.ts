import { sha256Hex } from "../../digest.js";
import { RESPONSE_TAG } from "../cache-keys.js";

/** Longest key that is kept readable, in characters: each may take three bytes, and a variant's hash comes after. */
const READABLE_LENGTH_MAX = 120;

/**
 * Under which key a request's response is kept. Requests that carry credentials are kept apart: what an anonymous
 * visitor was shown is not for them, and that theirs cannot be kept does not concern him.
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

/** The tag of every response to that name: all variants, of anonymous visitors and of others. */
export async function responseTag(name: string): Promise<string> {
  return RESPONSE_TAG + (await shortened(name));
}

/** What a key names where it is a URL or a path: then responses are kept under it. `undefined` for other keys. */
export function responseName(key: string): string | undefined {
  if (key.startsWith("/")) return key;
  return URL.canParse(key) ? withoutHash(key) : undefined;
}

/** The URLs of the same origin that a response to a change names (RFC 9111, 4.4). */
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

/** The key of the answer to requests with these headers. */
export async function variantKey(
  key: string,
  { headers }: Request,
  names: readonly string[],
): Promise<string> {
  const values = names.map((name) => headers.get(name)?.replace(/\s+/g, " ").trim() ?? null);
  return `${key}#${await sha256Hex(JSON.stringify([names, values]))}`;
}

/** What `Vary` names, in lower case and order. */
export function varyNames(headers: Headers): readonly string[] {
  const names = (headers.get("Vary") ?? "").split(",").map((name) => name.trim().toLowerCase());
  return [...new Set(names.filter((name) => name !== ""))].sort();
}

/** The URL without what a client keeps to itself. */
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
