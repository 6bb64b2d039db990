import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { type Assets, assetsOf, noFetch } from "./asset-responder.js";
import { watchWaitUntil } from "./background.js";
import { forCallers } from "./called-methods.js";
import { drainBody } from "./drain-body.js";
import type { EntryOptions } from "./entry-options.js";
import { reportError } from "./report.js";

/** What other Workers, and workerd itself, call: the default export by a binding, and named classes. */

type Handler = (...args: unknown[]) => unknown;
type Handlers = Record<string, unknown>;

/** Events besides `fetch` that a Worker may handle. workerd looks for handlers of these names. */
const EVENTS = ["scheduled", "queue", "email", "tail", "trace", "tailStream", "connect", "test"];

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

/** The methods of an entrypoint or a Durable Object that workerd calls. Callers call the others by RPC. */
const CALLED_BY_WORKERD = [
  "fetch",
  "alarm",
  "webSocketMessage",
  "webSocketClose",
  "webSocketError",
  ...EVENTS,
];

/**
 * Wraps a named export of the user's module. Errors in what workerd and other Workers call are reported, and
 * thrown again.
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
  const wrapped = nameless(
    class extends exported {
      constructor(ctx: never, env: never) {
        super(ctx, env);
        if (isEntrypoint) watchWaitUntil(ctx as ExecutionContext);
        // biome-ignore lint/correctness/noConstructorReturn: workerd calls what this returns
        return forCallers(this, { functionName, byWorkerd: CALLED_BY_WORKERD });
      }
    },
  );
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

/** A class that is assigned to a variable has its name, which stacks would show. */
function nameless(made: NamedClass): NamedClass {
  return made;
}
