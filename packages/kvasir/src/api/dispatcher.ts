import type { Socket } from "node:net";
import { KvError } from "@kvasir/client/namespace";
import type { MaybePromise } from "@kvasir/store";
import type { EventSink } from "../events/events.js";
import { printedTarget } from "../events/printed-target.js";
import type { Admission } from "../http/admission.js";
import { declaredBytes } from "../http/body.js";
import { cutOff } from "../http/body-errors.js";
import { ONE_PIECE_BYTES_MAX } from "../http/limits.js";
import type { RequestHead } from "../http/request.js";
import type { RequestHandler } from "../http/request-handler.js";
import type { Turns } from "../http/turns.js";
import type { UnexpectedExceptions } from "../http/unexpected-exceptions.js";
import type { NamespaceStats } from "../measures/namespace-stats.js";
import { type ApiExchange, UNMATCHED } from "./api-exchange.js";
import { ADMIN, checkNamespace, checkScope, checkUnbound, type Principal } from "./auth/scope.js";
import type { Cors } from "./cors.js";
import type { RequestIds } from "./request-ids.js";
import type { Route } from "./route.js";
import type { CompiledRoute, Router } from "./router.js";

export interface DispatcherOptions {
  readonly router: Router;
  /**
   * Checks whether a request is allowed at all, whatever its route.
   *
   * @throws KvError `forbidden`
   */
  checkOrigin(request: RequestHead): void;
  /** The sites whose pages may call the API. @default none */
  readonly cors?: Cors | undefined;
  /** @throws KvError `unauthorized` */
  authenticate(request: RequestHead): MaybePromise<Principal>;
  /** The namespace of a request whose path does not name one. */
  namespaceOf(request: RequestHead): string;
  /** @throws KvError `namespace_not_found` */
  checkExists(namespaceId: string): MaybePromise<void>;
  /** The memory limit that all requests share. */
  readonly admission: Admission;
  /** The turns that long responses take. */
  readonly turns: Turns;
  readonly unexpected: UnexpectedExceptions;
  readonly requestIds: RequestIds;
  /** Counts the requests of each namespace. */
  readonly namespaces: NamespaceStats;
  readonly onEvent: EventSink;
  readonly logRequests: boolean;
}

/**
 * Passes a request to its route: match, authenticate, authorise, handle, and send the error if a step fails.
 *
 * Synchronous results are never awaited, so that a read of the embedded store is sent in the same turn of the
 * event loop in which the request came.
 */
export class Dispatcher implements RequestHandler {
  readonly unmatched = UNMATCHED;
  closing = false;
  /** The requests whose handlers did not finish in their first turn of the event loop. */
  readonly #underWay = new Set<ApiExchange>();
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  get admission(): Admission {
    return this.#options.admission;
  }

  get turns(): Turns {
    return this.#options.turns;
  }

  dispatch(exchange: ApiExchange): void {
    this.#options.turns.othersCame();
    try {
      const running = this.#run(exchange);
      if (!(running instanceof Promise)) return;
      this.#underWay.add(exchange);
      running
        .catch((error: unknown) => this.#fail(exchange, error))
        .finally(() => {
          this.#underWay.delete(exchange);
          exchange.letGo();
        });
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  /** Sends the error for a request that is refused before it is matched. */
  refuse(exchange: ApiExchange, error: KvError): void {
    this.#fail(exchange, error);
  }

  get underWay(): Iterable<ApiExchange> {
    return this.#underWay;
  }

  /**
   * Ends the request in flight on a connection because of an exception outside its call chain. Closes the
   * connection too, because its further bytes may not be where a request begins.
   */
  failOn(socket: Socket, thrown: unknown): void {
    for (const exchange of this.#underWay) {
      if (exchange.socket !== socket) continue;
      exchange.closesConnection = true;
      this.#fail(exchange, thrown, "callback");
      exchange.refuseBody(cutOff());
      return;
    }
    this.#options.unexpected.onConnection(thrown);
    socket.destroy();
  }

  /** Reports that the system could not hand over a new connection. Other connections are not affected. */
  acceptFailed({ message }: Error): void {
    this.#options.onEvent({
      event: "log",
      level: "warn",
      message: `A connection was not accepted: ${message}`,
    });
  }

  /**
   * Ends a request that is no longer allowed: with `error`, or by cutting off the response if that has begun.
   */
  withdraw(exchange: ApiExchange, error: KvError): void {
    if (!exchange.answering) exchange.refuseBody(error);
    else if (exchange.endEarly !== null) exchange.endEarly(error);
    // Cut the connection, so that the client never takes a part of the response for the whole.
    else exchange.destroy();
  }

  clientOf({ matched: { principal, namespaceId } }: ApiExchange, address: string | undefined): string {
    return principal.client ?? address ?? namespaceId;
  }

  answered(exchange: ApiExchange, status: number): void {
    const ms = performance.now() - exchange.startedMs;
    const { compiled, namespaceId } = exchange.matched;
    if (compiled !== null) {
      compiled.stats.observe(status, ms / 1000);
      if (namespaceId !== "") {
        this.#options.namespaces.observe(namespaceId, compiled.access, status, ms / 1000);
      }
    }
    if (this.#options.logRequests) this.#log(exchange, status, ms);
  }

  #log(exchange: ApiExchange, status: number, ms: number): void {
    const { requestId, request, path, query, answerBytes, matched } = exchange;
    const { namespaceId, principal } = matched;
    this.#options.onEvent({
      event: "request",
      request: requestId,
      method: request.method ?? "",
      path: printedTarget(query === "" ? path : `${path}?${query}`),
      status,
      ms,
      ...(answerBytes === undefined ? {} : { bytes: answerBytes }),
      ...(principal.tokenId === undefined ? {} : { token: principal.tokenId }),
      ...(namespaceId === "" ? {} : { namespace: namespaceId }),
    });
  }

  #run(exchange: ApiExchange): MaybePromise<void> {
    const { request } = exchange;
    const { cors } = this.#options;
    if (cors !== undefined) exchange.extraHeaders = cors.headers(request);
    if (this.#options.logRequests) this.#options.requestIds.identify(exchange);
    this.#options.checkOrigin(request);
    const match = this.#options.router.match(exchange.path);
    if (match === null) throw unknownRoute(exchange);
    const compiled = match.routes.get(request.method === "HEAD" ? "GET" : (request.method as string));
    if (compiled === undefined) {
      const allowed = [...match.routes.keys(), "OPTIONS"];
      if (allowed.includes("GET")) allowed.push("HEAD");
      if (request.method === "OPTIONS") {
        const methods = allowed.join(", ");
        return exchange.sendEmpty(204, ["Allow", methods, ...(cors?.preflight(request, methods) ?? [])]);
      }
      exchange.errorHeaders.push("Allow", allowed.join(", "));
      throw new KvError("method_not_allowed", `${request.method} is not allowed here`, {
        hint: `Allowed: ${allowed.join(", ")}.`,
      });
    }
    const { params } = match;
    const { namespaceIndex } = compiled;
    const namespaceId =
      namespaceIndex === -1 ? this.#options.namespaceOf(request) : decodeId(params[namespaceIndex] as string);
    exchange.matched = { compiled, params, namespaceId, principal: ADMIN };
    if (compiled.route.access === "open") return compiled.route.handle(exchange);
    const principal = this.#options.authenticate(request);
    return principal instanceof Promise
      ? principal.then((known) => this.#handle(exchange, compiled, known))
      : this.#handle(exchange, compiled, principal);
  }

  #handle(exchange: ApiExchange, { route }: CompiledRoute, principal: Principal): MaybePromise<void> {
    const { namespaceId } = exchange.matched;
    exchange.matched.principal = principal;
    if (route.access !== "open") checkScope(principal, route.access);
    if (route.bound === "refused") checkUnbound(principal);
    if (namespaceId !== "") checkNamespace(principal, namespaceId);
    return exchange.bodyIsArriving ? this.#handleAfterHead(exchange, route) : route.handle(exchange);
  }

  /** Refuses at the head what can be refused there, so that an unwanted body is neither sent nor read. */
  async #handleAfterHead(exchange: ApiExchange, route: Route): Promise<void> {
    const declared = declaredBytes(exchange);
    if (route.describe.body === undefined && (declared ?? Number.POSITIVE_INFINITY) > ONE_PIECE_BYTES_MAX) {
      throw new KvError("payload_too_large", `${route.method} takes no body here`, {
        hint: "Send the request without a body.",
      });
    }
    const { namespaceId } = exchange.matched;
    if (namespaceId !== "") await this.#options.checkExists(namespaceId);
    return route.handle(exchange);
  }

  #fail(exchange: ApiExchange, thrown: unknown, origin: "request" | "callback" = "request"): void {
    if (exchange.hasFailed) return;
    exchange.hasFailed = true;
    if (this.#options.logRequests || !(thrown instanceof KvError)) {
      this.#options.requestIds.identify(exchange);
    }
    let error: KvError;
    if (thrown instanceof KvError) {
      error = thrown;
      if (isReported(error)) this.#report(error);
    } else {
      error = this.#options.unexpected.inRequest(origin, thrown, exchange);
    }
    if (exchange.gone) return;
    if (exchange.answering) {
      exchange.destroy();
      return;
    }
    try {
      const dialect = exchange.matched.compiled?.dialect ?? this.#options.router.dialectOf(exchange.path);
      dialect.renderError(exchange, error);
    } catch (failure) {
      this.#options.requestIds.identify(exchange);
      this.#options.unexpected.inRequest(origin, failure, exchange);
      exchange.destroy();
    }
  }

  #report({ message, hint, stack }: KvError): void {
    this.#options.onEvent({
      event: "error",
      message,
      ...(stack === undefined ? {} : { stack }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** The code that opened the data reports once that the data is gone. Do not repeat it for each request. */
function isReported({ code }: KvError): boolean {
  return code === "internal" || (code.startsWith("storage_") && code !== "storage_gone");
}

function unknownRoute({ request, path }: ApiExchange): KvError {
  return new KvError("route_not_found", `No route for ${request.method} ${printable(path)}`, {
    hint: "GET /openapi.json lists what is served.",
  });
}

/** An id needs no encoding, but a client may encode it all the same. */
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
