import { KvError } from "@kvasir/client";
import type { RequestHead } from "./request.js";

/** Whether a host name or address (IPv6 in brackets or bare) is this machine's own. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === "::1" ||
    name === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
  );
}

/**
 * Where no token is asked for, a web page could reach the API through its visitor's browser: under a name of its
 * own that resolves to this machine (DNS rebinding), or by a cross-site request. Neither names a loopback host.
 *
 * @throws KvError `forbidden`
 */
export function checkLocal({ headers }: RequestHead): void {
  const { host, origin } = headers;
  if (host !== undefined && !isLoopback(nameOf(host))) {
    throw new KvError("forbidden", "Without tokens the API answers only under a loopback name", {
      hint: "Use http://127.0.0.1 or http://localhost, or run `kvasir serve` with tokens.",
    });
  }
  if (origin !== undefined && !isLoopbackOrigin(origin)) {
    throw new KvError("forbidden", "Without tokens the API answers no requests from other sites", {
      hint: "Call it from a page on localhost, or run `kvasir serve` with tokens.",
    });
  }
}

/** A Host header without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, "");
}

/** `null`, what sandboxed frames and files send, is foreign. */
function isLoopbackOrigin(origin: string): boolean {
  const scheme = /^https?:\/\//i.exec(origin);
  return scheme !== null && isLoopback(nameOf(origin.slice(scheme[0].length)));
}
