import { executionAsyncId, triggerAsyncId } from "node:async_hooks";
import { type Database, WORKERS_RULES } from "@kvasir/store";
import type { ApiContext } from "../api/api-context.js";
import type { ApiExchange } from "../api/api-exchange.js";
import { type AuthOptions, Authority } from "../api/auth/authority.js";
import { ADMIN, type Principal } from "../api/auth/scope.js";
import { Cors } from "../api/cors.js";
import { Dispatcher, type DispatcherOptions } from "../api/dispatcher.js";
import type { LastBackup } from "../api/last-backup.js";
import type { AskOthers, Metrics, MetricsSnapshot } from "../api/metrics/metrics.js";
import { UsageFigures } from "../api/metrics/usage-figures.js";
import { NamespaceCache } from "../api/namespace-cache.js";
import { openApiDocument } from "../api/openapi.js";
import { Readiness } from "../api/readiness.js";
import { RequestIds } from "../api/request-ids.js";
import { Router } from "../api/router.js";
import { Withdrawals } from "../api/withdrawals.js";
import { dashboardDialect } from "../dashboard/dialect.js";
import { bindingDialect, functionsDialect, shortLivedDialect } from "../dialects/binding/dialect.js";
import { cacheDialect } from "../dialects/cache/dialect.js";
import { cloudflareDialect } from "../dialects/cloudflare/dialect.js";
import { rateLimitDialect } from "../dialects/rate-limit/dialect.js";
import type { CheckData } from "../dialects/system/data-routes.js";
import { systemDialect } from "../dialects/system/dialect.js";
import { functionsTelnyxDialect, telnyxDialect } from "../dialects/telnyx/dialect.js";
import type { EventSink } from "../events/events.js";
import { Repeats } from "../events/repeats.js";
import { Admission } from "../http/admission.js";
import { failFollowed } from "../http/callbacks.js";
import { EventStreams } from "../http/event-stream.js";
import { DEFAULT_HTTP_LIMITS, type HttpLimits, WITHDRAWAL_INTERVAL_MS } from "../http/limits.js";
import { Listener } from "../http/listener/listener.js";
import { checkLocal, isLoopback } from "../http/loopback.js";
import { Turns } from "../http/turns.js";
import { UnexpectedExceptions } from "../http/unexpected-exceptions.js";
import { FunctionStats } from "../measures/function-stats.js";
import { NamespaceStats } from "../measures/namespace-stats.js";
import type { FunctionsEndpoint } from "../wire/functions-wire.js";
import { NAMESPACE_HEADER, NAMESPACES_HEADER } from "../wire/names.js";
import { listenForFunctions, type OpenFunctionsEndpoint, type SecretCheck } from "./functions-endpoint.js";
import { TransientServices } from "./transient-services.js";

export interface ApiServerOptions {
  readonly database: Database;
  /** The address to listen on. */
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly auth: AuthOptions;
  /** The sites whose pages may call the API, such as `https://app.example.com`. @default none */
  readonly cors?: readonly string[] | undefined;
  /** The account id for clients that do not know one. @default 32 zeros */
  readonly account?: string | undefined;
  /** @default events are ignored */
  readonly onEvent?: EventSink | undefined;
  /** Whether to report each request as an event. @default false */
  readonly logRequests?: boolean | undefined;
  /** The number of this process among several on one port, from 1. @default 1 */
  readonly worker?: number | undefined;
  /** The counts of the other processes, which `/metrics` adds to its own. @default there are no others */
  readonly otherMetrics?: AskOthers | undefined;
  /** The counts of the functions that run beside it. @default there are no functions */
  readonly functionStats?: FunctionStats | undefined;
  /** Whether it is not ready until {@link ApiServer.ready} is called. @default false */
  readonly waitsForFunctions?: boolean | undefined;
  /** Ranges of addresses of proxies whose request ids are believed. @default none */
  readonly trustedProxies?: readonly string[] | undefined;
  /** The directory for cached responses and rate limit counters. @default they are kept in memory */
  readonly transientData?: string | undefined;
  /** Most bytes of responses that Workers put into their caches. @default CACHE_BYTES_MAX */
  readonly cacheBytesMax?: number | undefined;
  /** Checks the data for `/kvasir/check`. @default the store does, which blocks this process meanwhile */
  readonly checkData?: CheckData | undefined;
  /** What `/healthz` and `/metrics` tell of backups. @default nothing */
  readonly lastBackup?: (() => LastBackup) | undefined;
  /** For tests. @default {@link DEFAULT_HTTP_LIMITS} */
  readonly limits?: Partial<HttpLimits> | undefined;
}

export interface ApiServer {
  /** `http://127.0.0.1:8788` */
  readonly url: string;
  readonly port: number;
  /** Makes `/readyz` say that it is ready, if it has waited for functions. */
  ready(): void;
  /** Opens the address at which workerd reaches the namespaces. Further calls return the same one. */
  listenForFunctions(): Promise<FunctionsEndpoint>;
  /**
   * Handles an exception that has reached the process. It ends the request that the exception belongs to.
   * Without a request, it counts and reports the exception. Call it from the process's `uncaughtException` or
   * `unhandledRejection` event.
   *
   * @returns whether the exception belongs to a request
   */
  takeException(thrown: unknown): boolean;
  /** The counts of this process, for another one's {@link ApiServerOptions.otherMetrics}. */
  readonly metrics: () => Promise<MetricsSnapshot>;
  /** Accepts no more requests on its port and finishes those in flight. Functions still reach the data. */
  readonly closePort: () => Promise<void>;
  /** Closes the port and the functions' endpoint within 5 s. The database stays open. */
  close(): Promise<void>;
}

const NO_ACCOUNT = "0".repeat(32);

/**
 * Serves a database: the Cloudflare v4 API, the Telnyx API, the binding protocol, and the server's own
 * routes.
 *
 * @throws Error if the port is taken, or if a server without tokens would be reachable from other machines
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
  const usage = new UsageFigures(store);
  const readiness = new Readiness(options.waitsForFunctions !== true);
  const context: ApiContext = {
    store,
    readiness,
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
    await catalog.require(id);
  };

  const cors = options.cors === undefined || options.cors.length === 0 ? undefined : new Cors(options.cors);
  const router: Router = new Router([
    systemDialect({
      context,
      usage: () => usage.current(),
      checkData: options.checkData,
      lastBackup: options.lastBackup,
      metrics: async () => {
        const metrics = await loadMetrics();
        return { text: await metrics.text(), contentType: metrics.contentType };
      },
      openApi: () =>
        openApiDocument(router.routes.map(({ route, dialect }) => ({ route, tag: dialect.name }))),
    }),
    dashboardDialect(),
    bindingDialect(context),
    cloudflareDialect(context),
    telnyxDialect(context),
  ]);
  const shortLived = new NamespaceCache(store, { clock, rules: { ttlSecondsMin: 1 } });
  const transient = new TransientServices({
    location: options.transientData ?? ":memory:",
    clock,
    cacheBytesMax: options.cacheBytesMax,
    onEvent,
  });
  const cacheRouter = new Router([cacheDialect(transient.cache)]);
  const functionsRouter = new Router([
    rateLimitDialect(transient.rateLimits),
    functionsDialect(context),
    shortLivedDialect({ ...context, namespace: (id) => shortLived.get(id) }),
    functionsTelnyxDialect(context),
  ]);
  const unexpected = new UnexpectedExceptions(onEvent);
  const requestIds = new RequestIds(options.trustedProxies ?? []);
  const namespaceStats = new NamespaceStats();

  const dispatcher = new Dispatcher({
    router,
    checkOrigin:
      auth.mode === "tokens"
        ? ignore
        : (request) => checkLocal(request, (origin) => cors?.allows(origin) === true),
    cors,
    authenticate: (request) => authority.authenticate(request),
    namespaceOf: () => "",
    checkExists,
    admission,
    turns,
    unexpected,
    requestIds,
    namespaces: namespaceStats,
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
  // Requests are counted from the start. The code that turns the counts into text is loaded on the first
  // request for it.
  let loading: Promise<Metrics> | undefined;
  const loadMetrics = () => {
    loading ??= import("../api/metrics/metrics.js").then(
      (module) =>
        new module.Metrics(
          {
            store,
            routes: [...router.routes, ...functionsRouter.routes],
            namespaces: namespaceStats,
            usage,
            functions: options.functionStats ?? new FunctionStats(),
            admission,
            eventStreams: context.eventStreams,
            unexpected,
            connections: () => listener.connections(),
            worker: options.worker ?? 1,
            lastBackup: options.lastBackup,
          },
          options.otherMetrics,
        ),
    );
    return loading;
  };

  let functions: Promise<OpenFunctionsEndpoint> | undefined;
  const functionsDispatcher = (
    secret: SecretCheck,
    own: Pick<DispatcherOptions, "router" | "authenticate" | "namespaceOf">,
  ) =>
    new Dispatcher({
      ...own,
      checkOrigin: (request) => secret.check(request),
      checkExists,
      admission,
      turns,
      unexpected,
      requestIds,
      namespaces: namespaceStats,
      onEvent,
      // A Worker's requests are logged where they arrive. Its reads and writes would bury them.
      logRequests: false,
    });
  const listeners = [listener];
  const openForFunctions = () =>
    listenForFunctions(
      {
        functions: (secret) =>
          functionsDispatcher(secret, {
            router: functionsRouter,
            authenticate: ({ headers }) => functionPrincipal(headers[NAMESPACES_HEADER]),
            namespaceOf: ({ headers }) => String(headers[NAMESPACE_HEADER] ?? ""),
          }),
        // The headers are those of the user's code.
        cache: (secret) =>
          functionsDispatcher(secret, {
            router: cacheRouter,
            authenticate: () => ADMIN,
            namespaceOf: () => "",
          }),
      },
      limits,
    );
  let portClosing: Promise<void> | undefined;
  const closePort = () => {
    readiness.drain();
    withdrawals.close();
    context.eventStreams.close();
    portClosing ??= listener.close();
    return portClosing;
  };
  return {
    closePort,
    ready: () => readiness.ready(),
    url: `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${listener.port}`,
    port: listener.port,
    metrics: async () => (await loadMetrics()).snapshot(),
    async listenForFunctions() {
      functions ??= openForFunctions().then((endpoint) => {
        listeners.push(...endpoint.listeners);
        return endpoint;
      });
      const { address, cacheAddress, headers } = await functions;
      return { address, cacheAddress, headers };
    },
    takeException(thrown) {
      if (failFollowed(thrown)) return true;
      const asyncIds = new Set([executionAsyncId(), triggerAsyncId()]);
      if (listeners.some((each) => each.failBehind(asyncIds, thrown))) return true;
      return unexpected.takeException(thrown);
    },
    async close() {
      await Promise.all([closePort(), functions?.then((endpoint) => endpoint.close())]);
      await transient.close();
    },
  };
}

/**
 * A binding's request concerns the one namespace that workerd names. Other requests are limited to the
 * function's.
 */
function functionPrincipal(boundNamespaces: string | readonly string[] | undefined): Principal {
  if (boundNamespaces === undefined) return ADMIN;
  return { scope: "write", namespaces: new Set(String(boundNamespaces).split(",")) };
}

/** Reports a full server at intervals, because a client that opens so many connections keeps trying. */
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
