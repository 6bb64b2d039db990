import { executionAsyncId, triggerAsyncId } from "node:async_hooks";
import { KvError } from "@kvasir/client/namespace";
import { type Database, WORKERS_RULES } from "@kvasir/store";
import type { ApiContext } from "../api/api-context.js";
import type { ApiExchange } from "../api/api-exchange.js";
import { type AuthOptions, Authority } from "../api/auth/authority.js";
import { ADMIN, type Principal } from "../api/auth/scope.js";
import { Withdrawals } from "../api/auth/withdrawals.js";
import { Dispatcher } from "../api/dispatcher.js";
import type { Metrics, MetricsSnapshot, OtherMetrics } from "../api/metrics.js";
import { NamespaceCache } from "../api/namespace-cache.js";
import { openApiDocument } from "../api/openapi.js";
import { Router } from "../api/router.js";
import { bindingDialect, functionsDialect, shortLivedDialect } from "../dialects/binding/dialect.js";
import { cloudflareDialect } from "../dialects/cloudflare/dialect.js";
import { systemDialect } from "../dialects/system/dialect.js";
import { functionsTelnyxDialect, telnyxDialect } from "../dialects/telnyx/dialect.js";
import type { EventSink } from "../events/events.js";
import { Repeats } from "../events/repeats.js";
import { Admission } from "../http/admission.js";
import { failFollowed } from "../http/callbacks.js";
import { EventStreams } from "../http/event-stream.js";
import { DEFAULT_HTTP_LIMITS, type HttpLimits, WITHDRAWAL_INTERVAL_MS } from "../http/limits.js";
import { Listener } from "../http/listener.js";
import { checkLocal, isLoopback } from "../http/loopback.js";
import { Turns } from "../http/turns.js";
import { UnexpectedExceptions } from "../http/unexpected-exceptions.js";
import type { FunctionsEndpoint } from "../wire/functions-wire.js";
import { NAMESPACE_HEADER, NAMESPACES_HEADER } from "../wire/names.js";
import { listenForFunctions, type OpenFunctionsEndpoint } from "./functions-endpoint.js";

export interface ApiServerOptions {
  readonly database: Database;
  /** The address to listen on. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly auth: AuthOptions;
  /** The account id that clients which know none are told. @default 32 zeros */
  readonly account?: string | undefined;
  /** @default nobody listens */
  readonly onEvent?: EventSink | undefined;
  /** Reports each request as an event. @default false */
  readonly logRequests?: boolean | undefined;
  /** Which of several processes on one port this is, from 1. @default 1 */
  readonly worker?: number | undefined;
  /** What the others count: `/metrics` adds it to its own. @default there are no others */
  readonly otherMetrics?: (() => Promise<OtherMetrics>) | undefined;
  /** For tests. @default {@link DEFAULT_HTTP_LIMITS} */
  readonly limits?: Partial<HttpLimits> | undefined;
}

export interface ApiServer {
  /** `http://127.0.0.1:8788` */
  readonly url: string;
  readonly port: number;
  /** Opens (once) the address at which workerd reaches the namespaces. */
  listenForFunctions(): Promise<FunctionsEndpoint>;
  /**
   * Takes an exception that has reached the process: ends the request that it belongs to, or counts and reports it
   * where there is none. To be called from the process's `uncaughtException` or `unhandledRejection` event.
   *
   * @returns whether a request was found that it belongs to
   */
  takeException(thrown: unknown): boolean;
  /** What this process counts, for another one's {@link ApiServerOptions.otherMetrics}. */
  readonly metrics: () => Promise<MetricsSnapshot>;
  /** Takes no more requests on its port and finishes those under way; functions keep their way to the data. */
  readonly closePort: () => Promise<void>;
  /** Closes the port, and the functions' way too, within 5 s. The database stays open. */
  close(): Promise<void>;
}

const NO_ACCOUNT = "0".repeat(32);

/**
 * Serves a database: the Cloudflare v4 API, the binding protocol, and what belongs to a server.
 *
 * @throws Error when the port is taken, or when a server without tokens would listen on more than this machine
 * @example
 * const server = await startApiServer({ database, host: "127.0.0.1", port: 0, auth: { mode: "dev" } });
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { database, host, port, auth, onEvent = ignore, logRequests = false } = options;
  if (auth.mode !== "tokens" && !isLoopback(host)) {
    throw new Error(
      `Without tokens the API listens on a loopback address only, not on ${host}. Use --host 127.0.0.1, or make a token with \`kvasir token create\`.`,
    );
  }
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const { store, catalog, clock } = database;
  const namespaces = new NamespaceCache(store, { clock, rules: WORKERS_RULES });
  const authority = new Authority(store, clock, auth);
  const context: ApiContext = {
    store,
    catalog,
    clock,
    account: options.account ?? NO_ACCOUNT,
    eventStreams: new EventStreams({
      heartbeatIntervalMs: limits.heartbeatIntervalMs,
      checkStillAllowed: (exchange: ApiExchange) => authority.checkExpiry(exchange.matched.principal),
    }),
    namespace: (id) => namespaces.get(id),
  };

  const admission = new Admission({
    bytesMax: limits.bufferedBytesMax,
    waitMs: limits.bufferWaitMs,
    stallMs: limits.stallMs,
  });
  const turns = new Turns();
  const checkExists = async (id: string) => {
    if ((await store.namespaces.get(id)) !== null) return;
    throw new KvError("namespace_not_found", "There is no namespace with this id");
  };

  const router: Router = new Router([
    systemDialect({
      context,
      metrics: async () => {
        const metrics = await loadMetrics();
        return { text: await metrics.text(), contentType: metrics.contentType };
      },
      openApi: () =>
        openApiDocument(router.routes.map(({ route, dialect }) => ({ route, tag: dialect.name }))),
    }),
    bindingDialect(context),
    cloudflareDialect(context),
    telnyxDialect(context),
  ]);
  const shortLived = new NamespaceCache(store, { clock, rules: { ttlSecondsMin: 1 } });
  const functionsRouter = new Router([
    functionsDialect(context),
    shortLivedDialect({ ...context, namespace: (id) => shortLived.get(id) }),
    functionsTelnyxDialect(context),
  ]);
  const unexpected = new UnexpectedExceptions({ worker: options.worker ?? 1, onEvent });

  const dispatcher = new Dispatcher({
    router,
    checkOrigin: auth.mode === "tokens" ? ignore : checkLocal,
    authenticate: (request) => authority.authenticate(request),
    namespaceOf: () => "",
    checkExists,
    admission,
    turns,
    unexpected,
    onEvent,
    logRequests,
  });
  const address = { host: host.replace(/^\[|\]$/g, ""), port };
  const listener = await Listener.listen(dispatcher, address, limits, reportFull(onEvent));
  const withdrawals = new Withdrawals({
    requests: dispatcher,
    authority,
    intervalMs: WITHDRAWAL_INTERVAL_MS,
    failed: (error) => unexpected.takeException(error),
  });
  // Requests are counted from the start; what turns the counts into text loads when first asked for.
  let loading: Promise<Metrics> | undefined;
  const loadMetrics = () => {
    loading ??= import("../api/metrics.js").then(
      (module) =>
        new module.Metrics({
          routes: [...router.routes, ...functionsRouter.routes],
          admission,
          eventStreams: context.eventStreams,
          unexpected,
          connections: () => listener.connections(),
          worker: options.worker ?? 1,
          others: options.otherMetrics,
        }),
    );
    return loading;
  };

  let functions: Promise<OpenFunctionsEndpoint> | undefined;
  const listeners = [listener];
  const openForFunctions = () =>
    listenForFunctions(
      (secret) =>
        new Dispatcher({
          router: functionsRouter,
          checkOrigin: (request) => secret.check(request),
          authenticate: ({ headers }) => functionPrincipal(headers[NAMESPACES_HEADER]),
          namespaceOf: ({ headers }) => String(headers[NAMESPACE_HEADER] ?? ""),
          checkExists,
          admission,
          turns,
          unexpected,
          onEvent,
          // A Worker's own requests are logged where they come in; its reads would drown them.
          logRequests: false,
        }),
      limits,
    );
  let portClosing: Promise<void> | undefined;
  const closePort = () => {
    withdrawals.close();
    context.eventStreams.close();
    portClosing ??= listener.close();
    return portClosing;
  };
  return {
    closePort,
    url: `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${listener.port}`,
    port: listener.port,
    metrics: async () => (await loadMetrics()).snapshot(),
    async listenForFunctions() {
      functions ??= openForFunctions().then((endpoint) => {
        listeners.push(endpoint.listener);
        return endpoint;
      });
      const { address, headers } = await functions;
      return { address, headers };
    },
    takeException(thrown) {
      if (failFollowed(thrown)) return true;
      const asyncIds = new Set([executionAsyncId(), triggerAsyncId()]);
      if (listeners.some((each) => each.failBehind(asyncIds, thrown))) return true;
      return unexpected.takeException(thrown);
    },
    async close() {
      await Promise.all([closePort(), functions?.then((endpoint) => endpoint.close())]);
    },
  };
}

/** A binding's request is about the one namespace that workerd names; any other is held to the function's. */
function functionPrincipal(boundNamespaces: string | readonly string[] | undefined): Principal {
  if (boundNamespaces === undefined) return ADMIN;
  return { scope: "write", namespaces: new Set(String(boundNamespaces).split(",")) };
}

/** Told once in a while: whoever opens so many connections goes on trying. */
function reportFull(onEvent: EventSink): (connections: number) => void {
  const repeats = new Repeats();
  return (connections) => {
    const message = repeats.admit(`New connections are closed at once: ${connections} are open already.`);
    if (message === undefined) return;
    const hint =
      "Look for clients that do not close theirs. Where the system allows few open files (ulimit -n), raise that.";
    onEvent({ event: "error", message, hint });
  };
}

function ignore(): void {}
