import { parse } from "regexparam";
import type { ExpressRequest } from "./request.js";
import type { ExpressResponse } from "./response.js";

export type Next = (error?: unknown) => void;
export type Handler = (req: ExpressRequest, res: ExpressResponse, next: Next) => unknown;

interface Layer {
  /** `undefined` matches all methods. */
  readonly method: string | undefined;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  /** Matches a path prefix, which is removed from the path for its handlers. */
  readonly mounted: boolean;
  readonly handler: Handler;
}

/** A router with Express's methods: `router.get(path, ...handlers)`, chainable. */
export interface Router extends Handler {
  use(...pathAndHandlers: readonly unknown[]): Router;
  all(path: string, ...handlers: readonly unknown[]): Router;
  get(path: string, ...handlers: readonly unknown[]): Router;
  post(path: string, ...handlers: readonly unknown[]): Router;
  put(path: string, ...handlers: readonly unknown[]): Router;
  patch(path: string, ...handlers: readonly unknown[]): Router;
  delete(path: string, ...handlers: readonly unknown[]): Router;
  options(path: string, ...handlers: readonly unknown[]): Router;
  head(path: string, ...handlers: readonly unknown[]): Router;
}

const METHODS = ["get", "post", "put", "patch", "delete", "options", "head"] as const;

/**
 * Invoke's global `Router`, with or without `new`. `:name` matches one segment, which becomes
 * `req.params.name`. `*` matches the rest of the path, which becomes `req.params[0]`. `use` matches prefixes.
 * A router is itself a handler, so it can be exported and mounted.
 */
export function Router(): Router {
  const layers: Layer[] = [];
  const router = (async (req: ExpressRequest, res: ExpressResponse, done?: Next) => {
    if (await run(layers, req, res)) return;
    if (done !== undefined && mountedIn(req)) return done();
    if (!res.headersSent)
      res
        .status(404)
        .type("txt")
        .end(`Cannot ${req.method} ${req.originalUrl.split("?", 1)[0]}`);
  }) as unknown as Router;
  const add = (method: string | undefined, path: string, mounted: boolean, handlers: readonly unknown[]) => {
    const { keys, pattern } = parse(path, mounted);
    for (const handler of handlers.flat()) {
      if (typeof handler !== "function")
        throw new TypeError(`A route takes functions, not ${typeof handler}.`);
      layers.push({ method, pattern, names: keys, mounted, handler: handler as Handler });
    }
    return router;
  };
  for (const method of METHODS) {
    router[method] = (path: string, ...handlers: readonly unknown[]) =>
      add(method.toUpperCase(), path, false, handlers);
  }
  router.all = (path, ...handlers) => add(undefined, path, false, handlers);
  router.use = (...args) => {
    const [first, ...rest] = args;
    return typeof first === "string" ? add(undefined, first, true, rest) : add(undefined, "/", true, args);
  };
  return router;
}

/** Whether a handler has responded, or has stopped the chain on purpose by not calling `next`. */
async function run(layers: readonly Layer[], req: ExpressRequest, res: ExpressResponse): Promise<boolean> {
  for (const layer of layers) {
    if (
      layer.method !== undefined &&
      layer.method !== req.method &&
      !(layer.method === "GET" && req.method === "HEAD")
    )
      continue;
    const match = layer.pattern.exec(req.path);
    if (match === null) continue;
    const goesOn = await callLayer(layer, match, req, res);
    if (!goesOn || res.headersSent) return true;
  }
  return false;
}

/** Whether the handler called `next()`. */
async function callLayer(
  { handler, names, mounted }: Layer,
  match: RegExpExecArray,
  req: ExpressRequest,
  res: ExpressResponse,
): Promise<boolean> {
  const { params, path, url, baseUrl } = req;
  req.params = { ...params, ...paramsOf(names, match) };
  if (mounted) {
    const taken = match[0].replace(/\/$/, "");
    req.baseUrl = baseUrl + taken;
    req.path = path.slice(taken.length) || "/";
    req.url = req.path + url.slice(path.length);
  }
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const next: Next = (error) => (error === undefined ? resolve(true) : reject(error));
      Promise.resolve()
        .then(() => handler(req, res, next))
        .then(() => resolve(false), reject);
    });
  } finally {
    Object.assign(req, { params, path, url, baseUrl });
  }
}

function paramsOf(names: readonly string[], match: RegExpExecArray): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name, at) => [name === "*" ? "0" : name, decoded(match[at + 1])]));
}

function mountedIn({ baseUrl }: ExpressRequest): boolean {
  return baseUrl !== "";
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
