import type { Dialect, Method, Route } from "./route.js";
import { RouteStats } from "./route-stats.js";

export interface CompiledRoute {
  readonly route: Route;
  readonly dialect: Dialect;
  readonly stats: RouteStats;
  /** Where among the path's parameters the namespace is; -1: nowhere. */
  readonly namespaceIndex: number;
  readonly keyIndex: number;
}

export interface Match {
  /** By method. */
  readonly routes: ReadonlyMap<string, CompiledRoute>;
  /** Percent-encoded, in the order of the path. */
  readonly params: readonly string[];
}

/** Their handlers, or the dispatcher, hold a token to the namespace that is named. */
const NAMESPACE_PARAMETERS: ReadonlySet<string> = new Set(["namespace_id", "kv_id"]);

interface PathNode {
  /** A list, and compared where they stand in the path: cutting a segment out and hashing it costs more. */
  readonly literals: { readonly text: string; readonly node: PathNode }[];
  parameter: PathNode | null;
  /** For `{name+}`: the rest of the path. */
  rest: PathNode | null;
  readonly routes: Map<Method, CompiledRoute>;
}

/**
 * Finds routes by path, segment by segment, literals before parameters. A trailing slash is tolerated; `{name+}`, which
 * can only be the last, takes the rest of the path with its slashes.
 *
 * A tree of segments rather than one regular expression for each route: its cost is the length of the path, not
 * the number of routes, and it allocates nothing but the parameters.
 */
export class Router {
  readonly routes: readonly CompiledRoute[];
  readonly #root: PathNode = newNode();
  readonly #dialects: readonly Dialect[];

  constructor(dialects: readonly Dialect[]) {
    // The longest prefix first, so that "" may stand for the rest.
    this.#dialects = [...dialects].sort((a, b) => b.prefix.length - a.prefix.length);
    this.routes = dialects.flatMap((dialect) => dialect.routes.map((route) => this.#add(dialect, route)));
  }

  match(path: string): Match | null {
    const params: string[] = [];
    const node = find(this.#root, path, 1, params);
    return node === null ? null : { routes: node.routes, params };
  }

  /** The dialect in which a path that no route matches is answered. */
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
      stats: new RouteStats(),
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
