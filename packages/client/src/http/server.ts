import type { HttpOptions, RequesterOptions } from "./requester.js";

/** Which server to talk to, and how. */
export interface ServerOptions extends HttpOptions {
  /** The API's address, for example `http://127.0.0.1:8788`. */
  readonly url: string | URL;
  /** An API token. `kvasir dev` needs none. */
  readonly token?: string | undefined;
}

/**
 * Requests to the paths of a server that begin with `path`.
 *
 * @param caller the public function that was called, for error messages
 * @throws TypeError when the URL or the token is invalid
 */
export function requestsTo(path: string, options: ServerOptions, caller: string): RequesterOptions {
  const { url, token } = options;
  checkUrl(url, caller);
  if (token !== undefined) checkToken(token, caller);
  return {
    ...options,
    base: String(url).replace(/\/+$/, "") + path,
    headers: token === undefined ? undefined : { Authorization: `Bearer ${token}` },
  };
}

function checkUrl(url: string | URL, caller: string): void {
  try {
    if (/^https?:$/.test(new URL(String(url)).protocol)) return;
  } catch {
    // Not a URL at all.
  }
  throw new TypeError(`${caller}() needs the API's URL, such as http://127.0.0.1:8788, not "${url}".`);
}

/** Refuses what a header cannot carry. The text does not show the token: errors end up in logs. */
function checkToken(token: string, caller: string): void {
  if (/^[\x21-\x7e]+$/.test(token)) return;
  throw new TypeError(`${caller}() was given a token with blanks or invalid characters.`);
}
