import { env } from "cloudflare:workers";
import { processEnded } from "./forward.js";
import { arrive, control as gateControl, pass, startShut } from "./gate.js";
import { liveReloadSocket, reloadPages } from "./live-reload.js";

/** Leads to a function by host and path (`config/routes.ts`). */
interface RoutedAddress {
  readonly name: string;
  readonly host: string;
  readonly hostWildcard: boolean;
  readonly path: string;
  readonly pathWildcard: boolean;
}

interface RouterEnv {
  readonly [binding: string]: unknown;
  readonly NAMES: readonly string[];
  /** The most specific one comes first. */
  readonly ROUTES: readonly RoutedAddress[];
  readonly SECRET: string;
  /** Whether pages wait for edits. */
  readonly LIVE_RELOAD: boolean;
}

if (env["SHUT"] === true) startShut();

/**
 * Forwards a request to the function whose route matches it, otherwise `/<name>/…` to the function of that name.
 * A function behind its name sees its paths without the prefix.
 */
export default {
  async fetch(request: Request, bindings: RouterEnv): Promise<Response> {
    if (arrive()) await pass();
    const waiting = bindings.LIVE_RELOAD ? liveReloadSocket(request) : undefined;
    if (waiting !== undefined) return waiting;
    const url = new URL(request.url);
    const routed = bindings.ROUTES.find((route) => matches(route, url));
    if (routed !== undefined) return await forwardTo(routed.name, request, bindings);
    const [, first = ""] = url.pathname.split("/", 2);
    if (!bindings.NAMES.includes(first)) return notFound(bindings.NAMES, first);
    url.pathname = url.pathname.slice(first.length + 1) || "/";
    return await forwardTo(first, new Request(url.href, request), bindings);
  },
};

async function forwardTo(name: string, request: Request, bindings: RouterEnv): Promise<Response> {
  try {
    return await (bindings[`function:${name}`] as Fetcher).fetch(request);
  } catch {
    // The function handles its own exceptions, so this means that its workerd has ended.
    return processEnded(name);
  }
}

function matches({ host, hostWildcard, path, pathWildcard }: RoutedAddress, url: URL): boolean {
  // The query is part of what a pattern must match. The port is not.
  const wanted = url.pathname + url.search;
  return (
    (hostWildcard ? url.hostname.endsWith(host) : url.hostname === host) &&
    (pathWildcard ? wanted.startsWith(path) : wanted === path)
  );
}

export const control = {
  fetch: (request: Request, { SECRET: secret }: RouterEnv) =>
    reloadPages(request, secret) ?? gateControl(secret).fetch(request),
};

function notFound(names: readonly string[], wanted: string): Response {
  const known = names.map((name) => `  /${name}/\n`).join("");
  return new Response(`There is no function at /${wanted}. The functions here are:\n${known}`, {
    status: 404,
  });
}
