import * as v from "valibot";
import { FunctionError } from "../../failure/function-error.js";
import type { ConfigDocument } from "./config-document.js";

/** Addresses that lead to a Worker: a pattern of host and path, as Cloudflare reads it. */
export interface Route {
  /** As in the config, for messages. */
  readonly pattern: string;
  /** In lower case, without a leading `*`. */
  readonly host: string;
  /** Whether any text may come before the host. */
  readonly hostWildcard: boolean;
  /** Path and query, without a trailing `*`. */
  readonly path: string;
  /** Whether any text may follow the path. */
  readonly pathWildcard: boolean;
}

/** A route to which every address leads. */
export const EVERYTHING: Route = { pattern: "*", host: "", hostWildcard: true, path: "", pathWildcard: true };

const route = v.union(
  [
    v.pipe(v.string(), v.nonEmpty("must not be empty")),
    v.looseObject({
      pattern: v.pipe(v.string("must be a string"), v.nonEmpty("must not be empty")),
      custom_domain: v.optional(v.boolean("must be true or false")),
    }),
  ],
  'must be a pattern such as "example.com/api/*", or like { "pattern": "example.com/api/*" }',
);

export const routeEntries = {
  // Templates of 2021 have `route = ""`.
  route: v.optional(v.union([v.literal(""), route])),
  routes: v.optional(v.array(route, "must be a list of routes")),
};

type Raw = v.InferOutput<v.ObjectSchema<typeof routeEntries, undefined>>;

/** @throws FunctionError that names the key if a pattern is none that Cloudflare takes */
export function routesOf(document: ConfigDocument, { route: single, routes = [] }: Raw): Route[] {
  const all = [
    ...(single === undefined || single === "" ? [] : [{ keys: ["route"], value: single }]),
    ...routes.map((value, at) => ({ keys: ["routes", at], value })),
  ];
  return all.map(({ keys, value }) => {
    const pattern = typeof value === "string" ? value : value.pattern;
    const isDomain = typeof value === "object" && value.custom_domain === true;
    const parsed = isDomain ? parseDomain(pattern) : parseRoute(pattern);
    if (typeof parsed !== "string") return parsed;
    throw new FunctionError(`${document.locate(keys)}: the route ${JSON.stringify(pattern)} ${parsed}.`, {
      hint: 'Write a host and a path, such as "example.com/api/*". A "*" may stand at the start of the host and at the end of the path.',
    });
  });
}

/** @returns what is wrong if the pattern is not a route */
export function parseRoute(pattern: string): Route | string {
  const [, host = "", path = "/"] = /^(?:https?:\/\/)?([^/]*)(\/.*)?$/.exec(pattern) ?? [];
  if (host === "") return "names no host";
  if (path.includes("?")) return "contains a query string";
  const hostWildcard = host.startsWith("*");
  const plainHost = host.slice(hostWildcard ? 1 : 0).replace(/:\d+$/, "");
  const pathWildcard = path.endsWith("*");
  const plainPath = pathWildcard ? path.slice(0, -1) : path;
  if (`${plainHost}${plainPath}`.includes("*")) return 'has a "*" in the middle';
  const asciiHost = plainHost === "" ? "" : ascii(plainHost);
  if (asciiHost === undefined) return "names a host that is none";
  return { pattern, host: asciiHost, hostWildcard, path: plainPath, pathWildcard };
}

/** A custom domain is a host alone, with all its paths. */
function parseDomain(pattern: string): Route | string {
  const parsed = parseRoute(pattern);
  if (typeof parsed === "string") return parsed;
  if (parsed.hostWildcard) return 'is a custom domain, which has no "*"';
  if (parsed.path !== "/" || parsed.pathWildcard) return "is a custom domain, which has no path";
  return { ...parsed, pathWildcard: true };
}

/** As browsers write the host in a request: in lower case, and in ASCII. */
function ascii(host: string): string | undefined {
  const dot = host.startsWith(".") ? "." : "";
  try {
    return dot + new URL(`http://${host.slice(dot.length)}`).hostname;
  } catch {
    return undefined;
  }
}

/** The most specific route comes first: by its host, then by its path. */
export function compareRoutes(a: Route, b: Route): number {
  return (
    Number(a.hostWildcard) - Number(b.hostWildcard) ||
    b.host.length - a.host.length ||
    b.path.length - a.path.length ||
    Number(a.pathWildcard) - Number(b.pathWildcard)
  );
}
