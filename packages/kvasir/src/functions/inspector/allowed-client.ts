import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { isLocalSite } from "../../http/loopback.js";

/** Cloudflare's DevTools, those of Chrome, and VS Code. Editors usually send no origin. */
const DEBUGGERS = [
  /^https:\/\/devtools\.devprod\.cloudflare\.dev$/,
  /^https:\/\/([a-z0-9-]+\.)?cloudflare-devtools\.pages\.dev$/,
  /^devtools:\/\//,
  /^vscode-file:\/\//,
];

/**
 * A debugger can run any code. So a web page must not become one through its visitor's browser: neither by a
 * request to this machine, nor under a name of its own that resolves to this machine (DNS rebinding).
 */
export function isAllowedClient({ host, origin }: IncomingHttpHeaders): boolean {
  if (host === undefined || !(isLocalSite(`http://${host}`) || isAddress(host))) return false;
  return origin === undefined || DEBUGGERS.some((pattern) => pattern.test(origin));
}

/** A name could belong to a page of somebody else, and an address not. */
function isAddress(host: string): boolean {
  return isIP(host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1")) !== 0;
}
