/** Longest key that is kept readable, in characters: each may take three bytes, and a variant's hash comes after. */
const READABLE_LENGTH_MAX = 120;

/**
 * Requests that carry credentials are kept apart: what an anonymous visitor was shown is not for them, and that theirs
 * cannot be kept does not concern him.
 */
const CREDENTIALS = ["anonymous", "cookie", "authorization"] as const;

/** Under which key a request's answer is kept. */
export async function responseKey(request: Request, name: string): Promise<string> {
  const { headers } = request;
  const credentials = headers.has("Authorization")
    ? "authorization"
    : headers.has("Cookie")
      ? "cookie"
      : "anonymous";
  return `${credentials} ${await shortened(name)}`;
}

/** All keys under which answers to that name are kept. */
export async function responseKeys(name: string): Promise<readonly string[]> {
  const short = await shortened(name);
  return CREDENTIALS.map((credentials) => `${credentials} ${short}`);
}

/** The key of the answer to requests with these headers. */
export async function variantKey(
  key: string,
  { headers }: Request,
  names: readonly string[],
): Promise<string> {
  const values = names.map((name) => headers.get(name)?.replace(/\s+/g, " ").trim() ?? null);
  return `${key}#${await sha256(JSON.stringify([names, values]))}`;
}

/** What `Vary` names, in lower case and order. */
export function varyNames(headers: Headers): readonly string[] {
  const names = (headers.get("Vary") ?? "").split(",").map((name) => name.trim().toLowerCase());
  return [...new Set(names.filter((name) => name !== ""))].sort();
}

/** The URL without what a client keeps to itself. */
export function urlOf(request: Request): string {
  const url = new URL(request.url);
  url.hash = "";
  return url.href;
}

async function shortened(name: string): Promise<string> {
  return name.length <= READABLE_LENGTH_MAX ? name : `sha256-${await sha256(name)}`;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
