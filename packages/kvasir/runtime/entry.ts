import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import type { AssetRouting } from "../src/wire/asset-settings.js";
import { AssetRouter } from "./asset-routing.js";
import {
  finishBeforeResponse,
  holdForRequest,
  isStopping,
  nameFunction,
  watchWaitUntil,
} from "./background.js";
import { drainBody } from "./drain-body.js";
import { arrive, pass } from "./gate.js";
import { localTrigger } from "./local-triggers.js";
import { describe, report, reportError } from "./report.js";
import { completed } from "./request-facts.js";
import { onSchedule, type Surroundings } from "./scheduled.js";

export { control } from "./control.js";
export { installFakeDate } from "./fake-date.js";
export { startShut } from "./gate.js";
export { installRequestFacts } from "./request-facts.js";
export { serviceWorker } from "./service-worker.js";

/** Settings that the generated main module passes for its function. */
export interface EntryOptions {
  readonly name: string;
  readonly mode: "dev" | "serve";
  /** Requests wait while a new workerd takes over from the old one. */
  readonly gated: boolean;
  /** The path prefix that a router removed: `/name`, or an empty string. */
  readonly prefix: string;
  /** If the Worker has static assets: when they respond. */
  readonly assets?: AssetRouting;
  /** Whether `/__scheduled` runs the function's `scheduled` handler in `dev`, as in wrangler. */
  readonly testScheduled: boolean;
  /** Renders the page for an uncaught error. Only set in `dev`. */
  readonly errorPage?: (error: { message: string; stack: string }, request: Request) => Promise<Response>;
}

// Saved before `--clock fake` replaces `Date`: durations of requests are real.
const realNowMs = Date.now;

type Handler = (...args: unknown[]) => unknown;
type Handlers = Record<string, unknown>;
type EntrypointClass = new (...args: never[]) => { fetch?(request: Request): unknown };

/** Events besides `fetch` that a Worker may handle. workerd looks for handlers of these names. */
const EVENTS = ["scheduled", "queue", "email", "tail", "trace", "tailStream", "connect", "test"];

/**
 * Wraps the user's default export for requests of clients, so that errors and requests are reported. Everything
 * else stays the same.
 */
export function wrapDefault(exported: unknown, options: EntryOptions): unknown {
  nameFunction(options.name);
  if (typeof exported === "function") return wrapClass(exported as EntrypointClass, options);
  if (typeof exported !== "object" || exported === null) {
    throw new TypeError(
      "The default export must be an object with a fetch() method, or a WorkerEntrypoint class.",
    );
  }
  const handlers = exported as Handlers;
  const wrapped: Handlers = {};
  const scheduled = handlers["scheduled"];
  if (typeof scheduled === "function") {
    onSchedule((controller, env, ctx) => (scheduled as Handler).call(handlers, controller, env, ctx));
  }
  const assets = assetsOf(options);
  const fetch = fetchOf(handlers["fetch"], { assets, scheduled });
  if (fetch !== undefined) {
    wrapped["fetch"] = (request: Request, env: unknown, ctx: ExecutionContext) => {
      watchWaitUntil(ctx);
      const own = (seen: Request) => fetch.call(handlers, seen, env, ctx);
      return respond(request, options, { env, ctx, run: afterAssets(assets, own) });
    };
  }
  return wrapped;
}
function wrapClass(exported: EntrypointClass, options: EntryOptions): EntrypointClass {
  const { fetch, scheduled } = exported.prototype as { fetch?: Handler; scheduled?: Handler };
  const wrapped = class extends exported {};
  if (typeof scheduled === "function") {
    onSchedule((controller, env, ctx) => {
      const instance = new wrapped(ctx as never, env as never) as unknown as { scheduled: Handler };
      // workerd passes these two arguments as well.
      return instance.scheduled(controller, undefined, undefined);
    });
  }
  const assets = assetsOf(options);
  const own = fetchOf(fetch, { assets, scheduled });
  if (own !== undefined) {
    wrapped.prototype.fetch = function (
      this: { readonly env?: unknown; readonly ctx?: ExecutionContext },
      request: Request,
    ) {
      const { env, ctx } = this;
      if (ctx !== undefined) watchWaitUntil(ctx);
      const run = afterAssets(assets, (seen) => own.call(this, seen));
      return respond(request, options, { env, ctx, run });
    };
  }
  Object.defineProperty(wrapped, "name", { value: exported.name });
  return wrapped;
}

/** Responds with an asset, or with what `run` returns. */
type Assets = (request: Request, run: () => unknown) => Promise<unknown>;

/** Lets the static assets respond before the Worker, if there are some. */
function assetsOf({
  assets,
  prefix,
}: {
  readonly assets?: AssetRouting | undefined;
  readonly prefix: string;
}): Assets | undefined {
  if (assets === undefined) return undefined;
  const router = new AssetRouter(assets);
  return async (request, run) => (await router.respond(request, prefix)) ?? run();
}

/** Responds to a request with an asset if there is one for it. */
function afterAssets(
  assets: Assets | undefined,
  run: (request: Request) => unknown,
): (request: Request) => unknown {
  return assets === undefined ? run : (request) => assets(request, () => run(request));
}

/** The handler of a Worker. One that only has assets, or only runs by its schedule, is reached all the same. */
function fetchOf(
  fetch: unknown,
  { assets, scheduled }: { readonly assets: Assets | undefined; readonly scheduled: unknown },
): Handler | undefined {
  if (typeof fetch === "function") return fetch as Handler;
  return assets !== undefined || typeof scheduled === "function" ? noFetch : undefined;
}

function noFetch(): never {
  throw new TypeError("Handler does not export a fetch() function.");
}

/** Wraps the user's default export for other Workers: errors are reported, and thrown again. */
export function wrapInternal(exported: unknown, { name, assets: routing }: EntryOptions): unknown {
  const assets = assetsOf({ assets: routing, prefix: "" });
  if (typeof exported === "function") return wrapInternalClass(exported as NamedClass, name, assets);
  const handlers = exported as Handlers;
  const wrapped: Handlers = {};
  for (const event of ["fetch", ...EVENTS]) {
    const handler = handlers[event];
    if (typeof handler !== "function") continue;
    wrapped[event] = reporting(name, (...args: unknown[]) => {
      watchWaitUntil(args[2] as ExecutionContext);
      return (handler as Handler).apply(handlers, args);
    });
  }
  if (assets !== undefined) {
    const fetch = (wrapped["fetch"] as Handler | undefined) ?? noFetch;
    wrapped["fetch"] = (request: Request, ...rest: unknown[]) =>
      assets(request, () => fetch(request, ...rest));
  }
  return wrapped;
}

function wrapInternalClass(exported: NamedClass, name: string, assets: Assets | undefined): NamedClass {
  const wrapped = wrapNamedClass(exported, name, true);
  if (assets === undefined) return wrapped;
  const fetch = ((wrapped.prototype as Handlers)["fetch"] as Handler | undefined) ?? noFetch;
  Object.defineProperty(wrapped.prototype, "fetch", {
    configurable: true,
    writable: true,
    value(this: object, request: Request): Promise<unknown> {
      return assets(request, () => fetch.call(this, request));
    },
  });
  return wrapped;
}

function reporting(functionName: string, handler: Handler): Handler {
  return async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const [request, , ctx = (this as { readonly ctx?: unknown } | undefined)?.ctx] = args;
    let response: unknown;
    try {
      response = await handler.apply(this, args);
      return response;
    } catch (error) {
      reportError(functionName, error);
      throw error;
    } finally {
      drainBody(request, response, ctx as ExecutionContext | undefined);
    }
  };
}

/** The methods of an entrypoint or a Durable Object that workerd calls. Others are called by code. */
const CALLED_BY_WORKERD = [
  "fetch",
  "alarm",
  "webSocketMessage",
  "webSocketClose",
  "webSocketError",
  ...EVENTS,
];

/**
 * Wraps a named export of the user's module. Errors in what workerd calls are reported, and thrown again. Methods
 * that callers call by RPC stay as they are, because their callers may expect their errors.
 */
export function wrapNamed(exported: unknown, name: string): unknown {
  if (typeof exported !== "function") return exported;
  const { prototype } = exported as { readonly prototype?: object };
  if (prototype instanceof WorkerEntrypoint) return wrapNamedClass(exported as NamedClass, name, true);
  if (prototype instanceof DurableObject) return wrapNamedClass(exported as NamedClass, name, false);
  // A class of Durable Objects need not extend DurableObject.
  const hasFetch = typeof (prototype as { fetch?: unknown } | undefined)?.fetch === "function";
  return hasFetch ? wrapNamedClass(exported as NamedClass, name, false) : exported;
}

type NamedClass = new (ctx: never, env: never) => object;

function wrapNamedClass(exported: NamedClass, functionName: string, isEntrypoint: boolean): NamedClass {
  const wrapped = class extends exported {
    constructor(ctx: never, env: never) {
      super(ctx, env);
      if (isEntrypoint) watchWaitUntil(ctx as ExecutionContext);
    }
  };
  for (const method of CALLED_BY_WORKERD) {
    const original = (exported.prototype as Handlers)[method];
    if (typeof original !== "function") continue;
    Object.defineProperty(wrapped.prototype, method, {
      configurable: true,
      writable: true,
      value: reporting(functionName, original as Handler),
    });
  }
  Object.defineProperty(wrapped, "name", { value: exported.name });
  return wrapped;
}

interface Responder extends Surroundings {
  readonly run: (request: Request) => unknown;
}

async function respond(request: Request, options: EntryOptions, responder: Responder): Promise<Response> {
  if (options.gated && arrive()) await pass();
  const startMs = realNowMs();
  const isDev = options.mode === "dev";
  const path = isDev ? pathOf(request) : "";
  let response: Response;
  try {
    const responding =
      (isDev ? localTrigger(request, path, options, responder) : undefined) ??
      responder.run(completed(request));
    if (isStopping()) holdForRequest(responding);
    response = (await responding) as Response;
    // workerd would throw its own error outside of this code, where it could not be reported.
    if (!(response instanceof Response)) {
      throw new TypeError(
        `fetch() did not return a Response but ${response == null ? String(response) : typeof response}. Is a "return" missing?`,
      );
    }
  } catch (error) {
    reportError(options.name, error);
    response = await failed(error, request, options);
  }
  if (isDev) {
    report({
      type: "request",
      function: options.name,
      method: request.method,
      path: options.prefix + path,
      status: response.status,
      // The time in workerd's log cannot be used, because it comes from `Date` too.
      ms: Math.max(0, realNowMs() - startMs),
    });
  }
  if (isStopping()) await finishBeforeResponse();
  return response;
}

/** Path and query. */
function pathOf({ url }: Request): string {
  return url.slice(url.indexOf("/", url.indexOf("//") + 2));
}

async function failed(error: unknown, request: Request, options: EntryOptions): Promise<Response> {
  if (options.errorPage !== undefined) {
    try {
      return await options.errorPage(describe(error), request);
    } catch (own) {
      reportError(options.name, own);
    }
  }
  return new Response("Internal Server Error\n", { status: 500 });
}
