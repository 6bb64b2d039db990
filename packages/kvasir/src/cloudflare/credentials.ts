import { KvError } from "@kvasir/client/namespace";

/** Where Cloudflare's API is, and how to sign in there. */
export interface CloudflareAccess {
  /** With `/client/v4`, without a slash at its end. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
}

const BASE_URL = "https://api.cloudflare.com/client/v4";

/**
 * Reads the environment variables that wrangler reads, under their old names too.
 *
 * @throws KvError `unauthorized` if there is no token, or it cannot be sent; `bad_request` for a base URL that is
 *   not one
 * @see https://developers.cloudflare.com/workers/wrangler/system-environment-variables/
 */
export function cloudflareAccess(env: NodeJS.ProcessEnv): CloudflareAccess {
  return { baseUrl: baseUrlOf(env), headers: headersOf(env) };
}

/** The account that wrangler's environment variables name. */
export function accountOf(env: NodeJS.ProcessEnv): string | undefined {
  return given(env, "CLOUDFLARE_ACCOUNT_ID", "CF_ACCOUNT_ID");
}

function headersOf(env: NodeJS.ProcessEnv): Record<string, string> {
  const token = given(env, "CLOUDFLARE_API_TOKEN", "CF_API_TOKEN");
  const key = given(env, "CLOUDFLARE_API_KEY", "CF_API_KEY");
  const email = given(env, "CLOUDFLARE_EMAIL", "CF_EMAIL");
  if (token === undefined && (key === undefined || email === undefined)) {
    throw new KvError("unauthorized", "Cloudflare needs a token", {
      hint: "Set CLOUDFLARE_API_TOKEN to a token with the permission Workers KV Storage.",
    });
  }
  const headers: Record<string, string> =
    token === undefined
      ? { "X-Auth-Key": key ?? "", "X-Auth-Email": email ?? "" }
      : { Authorization: `Bearer ${token}` };
  if (Object.values(headers).every((value) => /^[\x21-\x7e]+( [\x21-\x7e]+)?$/.test(value))) return headers;
  throw new KvError("unauthorized", "The token for Cloudflare contains characters that no token has", {
    hint: "Check CLOUDFLARE_API_TOKEN for blanks, quotes and line breaks.",
  });
}

function baseUrlOf(env: NodeJS.ProcessEnv): string {
  const text = given(env, "CLOUDFLARE_API_BASE_URL", "CF_API_BASE_URL");
  if (text === undefined) return BASE_URL;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, "");
  throw new KvError("bad_request", "CLOUDFLARE_API_BASE_URL is not an http URL", {
    hint: `Set it to one such as ${BASE_URL}, or leave it out.`,
  });
}

function given(env: NodeJS.ProcessEnv, ...names: readonly string[]): string | undefined {
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== "");
}
