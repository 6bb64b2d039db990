import {
  finishBeforeResponse,
  holdForRequest,
  isStopping,
  nameFunction,
  watchWaitUntil,
} from "./background.js";
import { arrive, pass } from "./gate.js";
import { describe, report, reportError } from "./report.js";
import { completed } from "./request-facts.js";

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
  if (typeof handlers["fetch"] === "function") {
    const fetch = handlers["fetch"] as Handler;
    wrapped["fetch"] = (request: Request, env: unknown, ctx: ExecutionContext) => {
      watchWaitUntil(ctx);
      return respond(request, options, (seen) => fetch.call(handlers, seen, env, ctx));
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
  const fetch = exported.prototype.fetch as Handler | undefined;
  const wrapped = class extends exported {};
  if (typeof fetch === "function") {
    wrapped.prototype.fetch = function (this: { ctx?: ExecutionContext }, request: Request) {
      if (this.ctx !== undefined) watchWaitUntil(this.ctx);
      return respond(request, options, (seen) => fetch.call(this, seen));
    };
  }
  Object.defineProperty(wrapped, "name", { value: exported.name });
  return wrapped;
}

async function respond(
  request: Request,
  options: EntryOptions,
  run: (request: Request) => unknown,
): Promise<Response> {
  if (options.gated && arrive()) await pass();
  const startMs = realNowMs();
  let response: Response;
  try {
    const responding = run(completed(request));
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
  if (options.mode === "dev") {
    const url = request.url;
    const path = url.slice(url.indexOf("/", url.indexOf("//") + 2));
    const { status } = response;
    report({
      type: "request",
      function: options.name,
      method: request.method,
      path: options.prefix + path,
      status,
      // The time in workerd's log cannot be used, because it comes from `Date` too.
      ms: Math.max(0, realNowMs() - startMs),
    });
  }
  if (isStopping()) await finishBeforeResponse();
  return response;
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
