import {
  finishBeforeResponse,
  holdForRequest,
  isStopping,
  nameFunction,
  watchWaitUntil,
} from "./background.js";
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
 * Wraps the user's default export so that errors and requests are reported. Everything else stays the same.
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
  const fetch = handlers["fetch"] ?? (typeof scheduled === "function" ? noFetch : undefined);
  if (typeof fetch === "function") {
    wrapped["fetch"] = (request: Request, env: unknown, ctx: ExecutionContext) => {
      watchWaitUntil(ctx);
      return respond(request, options, { env, ctx, run: (seen) => fetch.call(handlers, seen, env, ctx) });
    };
  }
  for (const event of EVENTS) {
    const handler = handlers[event];
    if (typeof handler !== "function") continue;
    wrapped[event] = async (...args: unknown[]) => {
      try {
        return await (handler as Handler).apply(handlers, args);
      } catch (error) {
        reportError(options.name, error);
        throw error;
      }
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
  const own = fetch ?? (typeof scheduled === "function" ? noFetch : undefined);
  if (typeof own === "function") {
    wrapped.prototype.fetch = function (
      this: { readonly env?: unknown; readonly ctx?: ExecutionContext },
      request: Request,
    ) {
      const { env, ctx } = this;
      if (ctx !== undefined) watchWaitUntil(ctx);
      return respond(request, options, { env, ctx, run: (seen) => own.call(this, seen) });
    };
  }
  Object.defineProperty(wrapped, "name", { value: exported.name });
  return wrapped;
}

/** Stands in for the handler of a Worker that only runs by its schedule, so that it can be triggered by hand. */
function noFetch(): never {
  throw new TypeError("Handler does not export a fetch() function.");
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
