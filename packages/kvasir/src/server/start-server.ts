import { join } from "node:path";
import type { Database, FakeClock, KvError } from "@kvasir/store";
import type { AskOthers, MetricsSnapshot } from "../api/metrics/metrics.js";
import type { EventSink } from "../events/events.js";
import type { ConfigOverrides } from "../functions/config/config-overrides.js";
import type { RunningFunctions } from "../functions/host/running-functions.js";
import { startBundler } from "../functions/host/start-bundler.js";
import type { startFunctions } from "../functions/host/start-functions.js";
import type { memoryLimit } from "../functions/resources/memory-limit.js";
import type { InheritedSocket } from "../functions/workerd/listen-socket.js";
import type { TlsKeypair } from "../functions/workerd/tls-keypair.js";
import { FunctionStats } from "../measures/function-stats.js";
import type { FunctionsEndpoint, Outbound } from "../wire/functions-wire.js";
import type { ApiServer } from "./api-server.js";
import { readCfFile } from "./cf-file.js";
import { type DataPlace, makeDataDirectory, transientDirectory } from "./data-directory.js";
import type { CertificateFiles } from "./given-certificate.js";
import { BYTES_PER_MIB, FAILED_START_MS_MAX } from "./limits.js";
import type { Addresses } from "./messages.js";
import { SafetyNet } from "./safety-net.js";
import { closeInTime } from "./shutdown.js";
import { upgradeOptions } from "./upgrade-notice.js";

export interface ServerOptions {
  readonly mode: "dev" | "serve";
  /** The Workers to run. If there are none, only the API runs. */
  readonly paths: readonly string[];
  /** Whether the first Worker gets all requests, and bindings reach the others. @default false */
  readonly firstGetsAll?: boolean | undefined;
  /** The environment of their configs. */
  readonly env?: string | undefined;
  /** What the command line sets, above the configs. */
  readonly overrides?: ConfigOverrides | undefined;
  /** The host on which the functions listen. @default `dev.ip` of the config, else 127.0.0.1 */
  readonly host?: string | undefined;
  /** 0 means any free port. @default `dev.port` of the config, else 8787 */
  readonly port?: number | undefined;
  /** What the functions of `dev` speak. @default `dev.local_protocol` of the config, else http */
  readonly localProtocol?: "http" | "https" | undefined;
  /** The user's own key and certificate for https. @default a certificate that is made here */
  readonly certificate?: CertificateFiles | undefined;
  /** A socket to listen on instead, if another process holds the port open. */
  readonly functionsSocket?: InheritedSocket | undefined;
  /** The addresses that `fetch` in functions may reach. */
  readonly outbound: Outbound;
  /** Whether `/__scheduled` runs the `scheduled` handler in `dev`. @default false */
  readonly testScheduled?: boolean | undefined;
  /** Whether pages reload after an edit in `dev`. @default false */
  readonly liveReload?: boolean | undefined;
  /** Where debuggers attach in `dev`; 0 picks a free port. @default `dev.inspector_port`, else they cannot */
  readonly inspectorPort?: number | undefined;
  /** The address for debuggers. @default `dev.inspector_ip`, else 127.0.0.1 */
  readonly inspectorHost?: string | undefined;
  /** A JSON file with what `request.cf` shows. @default wrangler's placeholders */
  readonly cfFile?: string | undefined;
  /** Ranges of addresses of proxies whose `X-Forwarded-For` is believed. @default none */
  readonly trustedProxies?: readonly string[] | undefined;
  /** How long an Express-style, Python or Go function may take to respond, in milliseconds. */
  readonly requestTimeoutMs?: number | undefined;
  /** How much memory each process of a function may have, in MiB. @default a quarter of the machine's */
  readonly memoryMib?: number | undefined;
  /** How much the responses in Workers' caches may take, in MiB. @default 512 */
  readonly cacheMib?: number | undefined;
  /** The number of processes that share the functions' port. */
  readonly functionProcesses: number;
  /** Endpoints of other processes on the same data. The functions use them in addition to this process. */
  readonly otherEndpoints?: Promise<readonly FunctionsEndpoint[]> | undefined;
  /** Whether to open an endpoint for functions that another process runs. */
  readonly servesFunctions?: boolean | undefined;
  /** The number of this process among several, from 1. @default 1 */
  readonly worker?: number | undefined;
  /** The counts of the other processes. @default there are no others */
  readonly otherMetrics?: AskOthers | undefined;
  /** The host on which the API listens. */
  readonly apiHost: string;
  /** 0 means any free port. */
  readonly apiPort: number;
  /** Where the data are. */
  readonly data: DataPlace;
  readonly auth: { readonly mode: "dev" | "tokens" | "none"; readonly adminToken?: string };
  /** The sites whose pages may call the API from a browser. @default none */
  readonly cors?: readonly string[] | undefined;
  /** The account id that the API shows. @default 32 zeros */
  readonly account?: string | undefined;
  /** Whether to report each request. */
  readonly logRequests: boolean;
  /** The ring of backups of this data, whose last one `/healthz` and `/metrics` tell. @default there is none */
  readonly backupRing?: string | undefined;
  /** Whether time moves only when `POST /kvasir/clock` says so. @default false */
  readonly fakeClock?: boolean | undefined;
  /** `edge` behaves like a hosted, eventually consistent service. @default "strong" */
  readonly consistency?: "strong" | "edge" | undefined;
  /** Decides how stale each result is under `edge`. @default 1 */
  readonly seed?: number | undefined;
  /** Gives the start up. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: EventSink;
}

export interface RunningServer extends Addresses {
  /** Makes the functions use these endpoints from now on, because the other processes have changed. */
  useOtherEndpoints(endpoints: readonly FunctionsEndpoint[]): Promise<void>;
  /** Called when the functions run, which another process may do. Makes the API say that it is ready. */
  ready(): void;
  /** The counts of this process. */
  metrics(): Promise<MetricsSnapshot>;
  /** Makes the API accept no more requests. Functions still reach the data. */
  closePort(): Promise<void>;
  /** Accepts no more requests, finishes those in flight, and closes the data. */
  close(): Promise<void>;
}

/** Opens the data, then starts the API and the functions. If anything fails, nothing is left running. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const cleanups: (() => Promise<void>)[] = [];
  const close = async () => {
    // Closed in reverse order, so that requests end before the data that they use is closed.
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return { ...(await start(options, cleanups)), close };
  } catch (error) {
    await closeInTime(close, FAILED_START_MS_MAX);
    throw error;
  }
}

type Cleanups = (() => Promise<void>)[];

async function start(options: ServerOptions, cleanups: Cleanups): Promise<Omit<RunningServer, "close">> {
  const clock = options.fakeClock === true ? await newFakeClock() : undefined;
  const functionStats = new FunctionStats();
  const shared = { clock, functionStats };
  if (options.paths.length === 0) {
    const { api, net } = await openApi(options, shared, cleanups);
    const endpoint = options.servesFunctions === true ? await api.listenForFunctions() : undefined;
    net.started();
    const useOtherEndpoints = async () => {};
    const { url, metrics, closePort, ready } = api;
    return { api: url, endpoint, useOtherEndpoints, metrics, closePort, ready };
  }
  // Bundles while the data is opened and the API starts, which makes `dev` ready sooner. esbuild works in a process
  // of its own meanwhile, so its process is started first.
  startBundler(options.paths);
  const loading = loadFunctions();
  const opening = loading.then(() => openApi(options, shared, cleanups));
  const starting = runFunctions(options, shared, { loading, opening });
  const [opened, started] = await Promise.allSettled([opening, starting]);
  if (started.status === "fulfilled") {
    // Both ports stop accepting requests. The functions' requests in flight still reach the data.
    cleanups.push(async () => {
      await Promise.all([opening.then(({ api }) => api.closePort()), started.value.close()]);
    });
  }
  // If the API fails, the functions fail too. The API's error is the one to report.
  if (opened.status === "rejected") throw opened.reason;
  if (started.status === "rejected") throw started.reason;
  const { api, net } = opened.value;
  const functions = started.value;
  net.started();
  api.ready();
  return {
    api: api.url,
    ready: api.ready,
    functions: functions.url,
    devtools: functions.devtools,
    metrics: api.metrics,
    closePort: api.closePort,
    useOtherEndpoints: async (others) => functions.useEndpoints([await api.listenForFunctions(), ...others]),
  };
}

/** What the API and the functions share. */
interface Shared {
  readonly clock: FakeClock | undefined;
  readonly functionStats: FunctionStats;
}

interface OpenedApi {
  readonly database: Database;
  readonly api: ApiServer;
  readonly net: SafetyNet;
}

/** Starts at the machine's time, because existing data was written by that time. */
async function newFakeClock(): Promise<FakeClock> {
  const { FakeClock } = await import("@kvasir/store");
  return new FakeClock(Date.now());
}

async function openApi(
  options: ServerOptions,
  { clock, functionStats }: Shared,
  cleanups: Cleanups,
): Promise<OpenedApi> {
  const notify = (message: string) => options.onEvent({ event: "log", level: "warn", message });
  const { locator, directory } = options.data;
  makeDataDirectory(directory, notify);
  const [{ open }, { startApiServer }] = await Promise.all([
    import("@kvasir/store"),
    import("./api-server.js"),
  ]);
  const { consistency, seed } = options;
  const onProblem = ({ message, hint }: KvError) =>
    options.onEvent({ event: "error", message, ...(hint === undefined ? {} : { hint }) });
  const database = open(locator, { clock, consistency, seed, onProblem, ...upgradeOptions(notify) });
  cleanups.push(() => database.close());
  // A cluster that cannot be used fails the start, not the first request.
  if (locator !== directory) await database.store.health();
  const {
    apiHost: host,
    apiPort: port,
    auth,
    cors,
    account,
    logRequests,
    onEvent,
    worker,
    otherMetrics,
  } = options;
  const api = await startApiServer({
    database,
    host,
    port,
    auth,
    cors,
    account,
    logRequests,
    onEvent,
    worker,
    otherMetrics,
    checkData:
      locator === directory
        ? async (signal) => await (await import("./check-process.js")).checkData(directory, signal)
        : undefined,
    lastBackup:
      options.backupRing === undefined
        ? undefined
        : (await import("./last-backup.js")).lastBackupOf(options.backupRing, Date.now),
    functionStats,
    waitsForFunctions: options.paths.length > 0 || options.servesFunctions === true,
    trustedProxies: options.trustedProxies,
    transientData: transientDirectory(directory),
    cacheBytesMax: options.cacheMib === undefined ? undefined : options.cacheMib * BYTES_PER_MIB,
  });
  const net = SafetyNet.install(api, onEvent);
  cleanups.push(async () => {
    await api.close();
    net.remove();
  });
  return { database, api, net };
}

interface Functions {
  readonly startFunctions: typeof startFunctions;
  readonly memoryLimit: typeof memoryLimit;
}

async function loadFunctions(): Promise<Functions> {
  const [{ startFunctions }, { memoryLimit }] = await Promise.all([
    import("../functions/host/start-functions.js"),
    import("../functions/resources/memory-limit.js"),
  ]);
  return { startFunctions, memoryLimit };
}

async function runFunctions(
  options: ServerOptions,
  { clock, functionStats }: Shared,
  { loading, opening }: { readonly loading: Promise<Functions>; readonly opening: Promise<OpenedApi> },
): Promise<RunningFunctions> {
  const { startFunctions, memoryLimit } = await loading;
  const { paths, env, host, port, mode, outbound, requestTimeoutMs, memoryMib, functionProcesses, onEvent } =
    options;
  return await startFunctions({
    paths,
    firstGetsAll: options.firstGetsAll,
    env,
    overrides: options.overrides,
    host,
    port,
    localProtocol: options.localProtocol,
    keypair: (listenHost) => keypairOf(options, listenHost),
    inherited: options.functionsSocket,
    mode,
    outbound,
    clock,
    cf: options.cfFile === undefined ? undefined : readCfFile(options.cfFile),
    trustedProxies: options.trustedProxies,
    testScheduled: options.testScheduled,
    liveReload: options.liveReload,
    inspectorPort: options.inspectorPort,
    inspectorHost: options.inspectorHost,
    requestTimeoutMs,
    memory: memoryLimit(memoryMib),
    processes: functionProcesses,
    cacheDirectory: join(options.data.directory, "cache"),
    objectsFolder: join(options.data.directory, "durable-objects"),
    signal: options.signal,
    endpoint: endpointsOf(options, opening),
    ensureNamespace: async (id, title, attributes) => {
      await (await opening).database.catalog.ensure(id, title, attributes);
    },
    logRequests: options.logRequests,
    onRequests: (name, counts) => functionStats.countRequests(name, counts),
    onEvent(event) {
      if (event.event === "error" && event.function !== undefined) functionStats.countError(event.function);
      onEvent(event);
    },
  });
}

async function keypairOf({ certificate, data }: ServerOptions, host: string): Promise<TlsKeypair> {
  if (certificate !== undefined) {
    const { givenCertificate } = await import("./given-certificate.js");
    return givenCertificate(certificate);
  }
  const { ownCertificate } = await import("./own-certificate.js");
  return await ownCertificate({ data: data.directory, host, nowMs: Date.now() });
}

async function endpointsOf(
  { otherEndpoints }: ServerOptions,
  opening: Promise<OpenedApi>,
): Promise<readonly FunctionsEndpoint[]> {
  const { api } = await opening;
  return [await api.listenForFunctions(), ...((await otherEndpoints) ?? [])];
}
