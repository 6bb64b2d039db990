import { type Assets, assetsOf, noFetch } from "./asset-responder.js";
import {
  finishBeforeResponse,
  holdForRequest,
  isStopping,
  nameFunction,
  watchWaitUntil,
} from "./background.js";
import type { EntryOptions } from "./entry-options.js";
import { arrive, pass } from "./gate.js";
import { liveReloadSocket, withLiveReload } from "./live-reload.js";
import { localTrigger } from "./local-triggers.js";
import { describe, report, reportError } from "./report.js";
import { countRequest } from "./request-counts.js";
import { completed } from "./request-facts.js";
import { ownRequestId, rememberRequestId, requestIdOf, withRequestId } from "./request-id.js";
import { onSchedule, type Surroundings } from "./scheduled.js";

export { control } from "./control.js";
export { installFakeDate } from "./fake-date.js";
export { startShut } from "./gate.js";
export { wrapInternal, wrapNamed } from "./internal-entry.js";
export { installRequestFacts } from "./request-facts.js";
export { knownRequestId } from "./request-id.js";
export { serviceWorker } from "./service-worker.js";

// Saved before `--clock fake` replaces `Date`: durations of requests are real.
const realNowMs = Date.now;

type Handler = (...args: unknown[]) => unknown;
type Handlers = Record<string, unknown>;
type EntrypointClass = new (...args: never[]) => { fetch?(request: Request): unknown };

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

interface Responder extends Surroundings {
  readonly run: (request: Request) => unknown;
}

async function respond(request: Request, options: EntryOptions, responder: Responder): Promise<Response> {
  if (options.gated && arrive()) await pass();
  const waiting = options.liveReload ? liveReloadSocket(request) : undefined;
  if (waiting !== undefined) return waiting;
  const startMs = realNowMs();
  const isDev = options.mode === "dev";
  const { name, logRequests } = options;
  const path = logRequests ? pathOf(request) : "";
  const id = logRequests ? requestIdOf(request) : undefined;
  const seen = completed(request);
  if (id !== undefined) rememberRequestId(seen, id);
  let response: Response;
  try {
    const responding =
      (isDev ? localTrigger(request, path, options, responder) : undefined) ?? responder.run(seen);
    if (isStopping()) holdForRequest(responding);
    response = (await responding) as Response;
    // workerd would throw its own error outside of this code, where it could not be reported.
    if (!(response instanceof Response)) {
      throw new TypeError(
        `fetch() did not return a Response but ${response == null ? String(response) : typeof response}. Is a "return" missing?`,
      );
    }
  } catch (error) {
    reportError(name, error, id);
    response = await failed(error, request, options);
  }
  const nowMs = realNowMs();
  // The time in workerd's log cannot be used, because it comes from `Date` too.
  const ms = Math.max(0, nowMs - startMs);
  const { status } = response;
  countRequest(name, { status, ms, nowMs });
  if (id !== undefined) {
    const length = response.headers.get("Content-Length") ?? "";
    report({
      type: "request",
      function: name,
      request: ownRequestId(response) ?? id,
      method: request.method,
      path: options.prefix + path,
      status,
      ms,
      ...(/^\d+$/.test(length) ? { bytes: Number(length) } : {}),
    });
    // Responses of `dev` have the headers that they have elsewhere.
    if (!isDev) response = withRequestId(response, id);
  }
  if (isStopping()) await finishBeforeResponse();
  return options.liveReload ? withLiveReload(request, response) : response;
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
