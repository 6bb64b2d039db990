import type { Access } from "../measures/namespace-stats.js";
import { RequestStats } from "../measures/request-stats.js";
import type { Dialect, Method, Route } from "./route.js";

export interface CompiledRoute {
  readonly route: Route;
  readonly dialect: Dialect;
  readonly stats: RequestStats;
  readonly access: Access;
  /** The index of the namespace among the path's parameters, or -1. */
  readonly namespaceIndex: number;
  readonly keyIndex: number;
}

export interface Match {
  /** By method. */
  readonly routes: ReadonlyMap<string, CompiledRoute>;
  /** Percent-encoded, in the order of the path. */
  readonly params: readonly string[];
}

/** The handlers or the dispatcher check a token against the namespace in these parameters. */
const NAMESPACE_PARAMETERS: ReadonlySet<string> = new Set(["namespace_id", "kv_id"]);

interface PathNode {
  /** A list, compared in place: cutting a segment out of the path and hashing it would cost more. */
  readonly literals: { readonly text: string; readonly node: PathNode }[];
  parameter: PathNode | null;
  /** The child for `{name+}`: the rest of the path. */
  rest: PathNode | null;
  readonly routes: Map<Method, CompiledRoute>;
}

/**
 * Finds routes by path, segment by segment, literals before parameters. A trailing slash is accepted.
 * `{name+}` can only be the last segment and takes the rest of the path, with its slashes.
 *
 * It is a tree of segments and not one regular expression per route. So the cost depends on the length of the
 * path and not on the number of routes, and only the parameters are allocated.
 */
export class Router {
  readonly routes: readonly CompiledRoute[];
  readonly #root: PathNode = newNode();
  readonly #dialects: readonly Dialect[];

  constructor(dialects: readonly Dialect[]) {
    // Longest prefix first, so that the prefix "" matches what is left.
    this.#dialects = [...dialects].sort((a, b) => b.prefix.length - a.prefix.length);
    this.routes = dialects.flatMap((dialect) => dialect.routes.map((route) => this.#add(dialect, route)));
  }

  match(path: string): Match | null {
    const params: string[] = [];
    const node = find(this.#root, path, 1, params);
    return node === null ? null : { routes: node.routes, params };
  }

  /** The dialect for the response to a path that no route matches. */
  dialectOf(path: string): Dialect {
    const dialect = this.#dialects.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
    if (dialect === undefined) throw new Error("One dialect has to have an empty prefix");
    return dialect;
  }

  #add(dialect: Dialect, route: Route): CompiledRoute {
    let node = this.#root;
    const names: string[] = [];
    for (const segment of route.path.split("/").slice(1)) {
      if (segment === "") continue;
      if (segment.endsWith("+}")) {
        names.push(segment.slice(1, -2));
        node.rest ??= newNode();
        node = node.rest;
      } else if (segment.startsWith("{")) {
        names.push(segment.slice(1, -1));
        node.parameter ??= newNode();
        node = node.parameter;
      } else {
        const known = node.literals.find(({ text }) => text === segment);
        const literal = known ?? { text: segment, node: newNode() };
        if (known === undefined) node.literals.push(literal);
        node = literal.node;
      }
    }
    const namesNamespace = names.some((name) => NAMESPACE_PARAMETERS.has(name));
    const isDecided = namesNamespace || dialect.namespaceInHeader === true || route.access === "open";
    if (!isDecided && route.bound === undefined) {
      throw new Error(`${route.operation} has to say what a token bound to namespaces may do (Route.bound)`);
    }
    if (node.routes.has(route.method)) throw new Error(`Two routes for ${route.method} ${route.path}`);
    const compiled: CompiledRoute = {
      route,
      dialect,
      stats: new RequestStats(),
      access: route.access === "read" || route.access === "open" ? "read" : "write",
      namespaceIndex: names.indexOf("namespace_id"),
      keyIndex: names.indexOf("key_name"),
    };
    node.routes.set(route.method, compiled);
    return compiled;
  }
}

function newNode(): PathNode {
  return { literals: [], parameter: null, rest: null, routes: new Map() };
}

function find(node: PathNode, path: string, start: number, params: string[]): PathNode | null {
  if (start >= path.length) return node.routes.size > 0 ? node : null;
  let end = path.indexOf("/", start);
  if (end === -1) end = path.length;
  if (start === end) return findRest(node, path, start, params);
  for (const { text, node: next } of node.literals) {
    if (text.length !== end - start || !path.startsWith(text, start)) continue;
    const found = find(next, path, end + 1, params);
    if (found !== null) return found;
  }
  if (node.parameter !== null) {
    params.push(path.slice(start, end));
    const found = find(node.parameter, path, end + 1, params);
    if (found !== null) return found;
    params.pop();
  }
  return findRest(node, path, start, params);
}

function findRest(node: PathNode, path: string, start: number, params: string[]): PathNode | null {
  if (node.rest === null) return null;
  params.push(path.slice(start));
  return node.rest;
}
