import { isIPv4 } from "node:net";
import { KvError } from "@kvasir/client/namespace";
import type { RequestHead } from "./request.js";

/**
 * Whether only this machine can reach an address to listen on. Names below `localhost` do not count, because
 * the system's resolver decides where they lead.
 */
export function isLoopback(address: string): boolean {
  const name = address.toLowerCase();
  return name === "localhost" || name === "::1" || name === "[::1]" || isLoopbackIPv4(name);
}

/**
 * Without tokens, a web page could reach the API through its visitor's browser: under a name of its own that
 * resolves to this machine (DNS rebinding), or by a cross-site request. In neither case do the headers name a
 * loopback host.
 *
 * @param isAllowed whether pages of a site may call the API all the same
 * @throws KvError `forbidden`
 */
export function checkLocal({ headers }: RequestHead, isAllowed?: (origin: string) => boolean): void {
  const { host, origin } = headers;
  if (host !== undefined && !isLocalSite(`http://${host}`)) {
    throw new KvError("forbidden", "Without tokens the API answers only under a loopback name", {
      hint: "Use http://127.0.0.1 or http://localhost, or run `kvasir serve` with tokens.",
    });
  }
  if (origin !== undefined && !isLocalSite(origin) && isAllowed?.(origin) !== true) {
    throw new KvError("forbidden", "Without tokens the API answers no requests from other sites", {
      hint: "Call it from a page on localhost, or allow the site with --cors.",
    });
  }
}

/**
 * A scheme, a host and an optional port. Anything more is not an origin, and two parsers could read it
 * differently.
 */
const SITE = /^https?:\/\/[^\s/\\?#@,]+$/i;

/**
 * Whether an origin is a site on this machine. Its host is compared in the form that a browser gives it,
 * because it can be written in many ways. `null`, which sandboxed frames and files send, counts as foreign.
 */
export function isLocalSite(origin: string): boolean {
  // Clients repeat their origin, and parsing one costs more than the rest of a small request.
  if (origin === lastLocalSite) return true;
  if (!SITE.test(origin) || !URL.canParse(origin)) return false;
  const host = new URL(origin).hostname.replace(/\.$/, "");
  const isLocal =
    host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || isLoopbackIPv4(host);
  if (isLocal) lastLocalSite = origin;
  return isLocal;
}

let lastLocalSite = "";

function isLoopbackIPv4(text: string): boolean {
  return text.startsWith("127.") && isIPv4(text);
}
