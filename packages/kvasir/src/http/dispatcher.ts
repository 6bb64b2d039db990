import { KvError } from "@kvasir/client";
import type { MaybePromise } from "@kvasir/store";
import type { EventSink } from "../events.js";
import { checkNamespace, checkScope, checkUnbound, type Principal } from "./auth/scope.js";
import type { Exchange, ExchangeOwner } from "./exchange.js";
import type { RequestHead } from "./request.js";
import type { CompiledRoute, Router } from "./router.js";

export interface DispatcherOptions {
  readonly router: Router;
  /**
   * Whether a request may come in at all, whatever it asks for.
   *
   * @throws KvError `forbidden`
   */
  checkOrigin(request: RequestHead): void;
  /** @throws KvError `unauthorized` */
  authenticate(request: RequestHead): MaybePromise<Principal>;
  /** The namespace of a request whose path names none. */
  namespaceOf(request: RequestHead): string;
  readonly onEvent: EventSink;
  readonly logRequests: boolean;
}

/**
 * Takes a request to its route: match, authenticate, authorise, handle, and render what goes wrong on the way.
 *
 * Nothing here awaits what is not a promise: a read of the embedded store is answered in the same turn of the
 * event loop in which the request came.
 */
export class Dispatcher implements ExchangeOwner {
  closing = false;
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  dispatch(exchange: Exchange): void {
    try {
      const running = this.#run(exchange);
      if (running instanceof Promise) running.catch((error: unknown) => this.#fail(exchange, error));
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  answered(exchange: Exchange, status: number): void {
    const ms = performance.now() - exchange.startedMs;
    exchange.compiled?.stats.observe(status, ms / 1000);
    if (!this.#options.logRequests) return;
    const { method = "", url = "" } = exchange.request;
    this.#options.onEvent({ event: "request", method, path: url, status, ms });
  }

  #run(exchange: Exchange): MaybePromise<void> {
    const { request } = exchange;
    this.#options.checkOrigin(request);
    const match = this.#options.router.match(exchange.path);
    if (match === null) throw unknownRoute(exchange);
    const compiled = match.routes.get(request.method === "HEAD" ? "GET" : (request.method as string));
    if (compiled === undefined) {
      const allowed = [...match.routes.keys(), "OPTIONS"];
      if (allowed.includes("GET")) allowed.push("HEAD");
      if (request.method === "OPTIONS") return exchange.sendEmpty(204, ["Allow", allowed.join(", ")]);
      exchange.errorHeaders.push("Allow", allowed.join(", "));
      throw new KvError("method_not_allowed", `${request.method} is not allowed here`, {
        hint: `Allowed: ${allowed.join(", ")}.`,
      });
    }
    exchange.compiled = compiled;
    exchange.params = match.params;
    const { namespaceIndex } = compiled;
    exchange.namespaceId =
      namespaceIndex === -1
        ? this.#options.namespaceOf(request)
        : decodeId(match.params[namespaceIndex] as string);
    if (compiled.route.access === "open") return compiled.route.handle(exchange);
    const principal = this.#options.authenticate(request);
    return principal instanceof Promise
      ? principal.then((known) => this.#handle(exchange, compiled, known))
      : this.#handle(exchange, compiled, principal);
  }

  #handle(exchange: Exchange, { route }: CompiledRoute, principal: Principal): MaybePromise<void> {
    exchange.principal = principal;
    if (route.access !== "open") checkScope(principal, route.access);
    if (route.unboundOnly === true) checkUnbound(principal);
    if (exchange.namespaceId !== "") checkNamespace(principal, exchange.namespaceId);
    return route.handle(exchange);
  }

  #fail(exchange: Exchange, thrown: unknown): void {
    const error = thrown instanceof KvError ? thrown : unexpected(thrown);
    if (isReported(error)) this.#report(thrown, error);
    if (exchange.answering || exchange.gone) {
      exchange.destroy();
      return;
    }
    const dialect = exchange.compiled?.dialect ?? this.#options.router.dialectOf(exchange.path);
    dialect.renderError(exchange, error);
  }

  #report(thrown: unknown, { message, hint }: KvError): void {
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    this.#options.onEvent({
      event: "error",
      message: thrown instanceof Error ? thrown.message : message,
      ...(stack === undefined ? {} : { stack }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** That the data are gone is said once, by what opened them, and not for each request. */
function isReported({ code }: KvError): boolean {
  return code === "internal" || (code.startsWith("storage_") && code !== "storage_gone");
}

function unknownRoute({ request, path }: Exchange): KvError {
  return new KvError("route_not_found", `No route for ${request.method} ${printable(path)}`, {
    hint: "GET /openapi.json lists what is served.",
  });
}

/** What is thrown and is no `KvError` is a bug of ours; its text is for our log, not for the client. */
function unexpected(cause: unknown): KvError {
  return new KvError("internal", "Internal error", { cause, hint: "The server's log says more." });
}

/** An id has nothing to encode, but a client may have encoded it all the same. */
function decodeId(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new KvError("bad_request", "Could not URL-decode the namespace id", { cause });
  }
}

function printable(path: string): string {
  return path.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
