import { join } from "node:path";
import type { Database, FakeClock, KvError } from "@kvasir/store";
import type { MetricsSnapshot, OtherMetrics } from "../api/metrics.js";
import type { EventSink } from "../events/events.js";
import type { ConfigOverrides } from "../functions/config/config-overrides.js";
import type { RunningFunctions } from "../functions/host/running-functions.js";
import type { InheritedSocket } from "../functions/workerd/listen-socket.js";
import type { FunctionsEndpoint, Outbound } from "../wire/functions-wire.js";
import type { ApiServer } from "./api-server.js";
import { readCfFile } from "./cf-file.js";
import { type DataPlace, makeDataDirectory } from "./data-directory.js";
import { BYTES_PER_MIB, FAILED_START_MS_MAX } from "./limits.js";
import type { Addresses } from "./messages.js";
import { SafetyNet } from "./safety-net.js";
import { closeInTime } from "./shutdown.js";

export interface ServerOptions {
  readonly mode: "dev" | "serve";
  /** The Workers to run. If there are none, only the API runs. */
  readonly paths: readonly string[];
  /** The environment of their configs. */
  readonly env?: string | undefined;
  /** What the command line sets, above the configs. */
  readonly overrides?: ConfigOverrides | undefined;
  /** The host on which the functions listen. @default `dev.ip` of the config, else 127.0.0.1 */
  readonly host?: string | undefined;
  /** 0 means any free port. @default `dev.port` of the config, else 8787 */
  readonly port?: number | undefined;
  /** A socket to listen on instead, if another process holds the port open. */
  readonly functionsSocket?: InheritedSocket | undefined;
  /** The addresses that `fetch` in functions may reach. */
  readonly outbound: Outbound;
  /** Whether `/__scheduled` runs the `scheduled` handler in `dev`. @default false */
  readonly testScheduled?: boolean | undefined;
  /** Where debuggers attach in `dev`; 0 picks a free port. @default `dev.inspector_port`, else they cannot */
  readonly inspectorPort?: number | undefined;
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
  readonly otherMetrics?: (() => Promise<OtherMetrics>) | undefined;
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
  /** Whether to report each request to the API. */
  readonly logRequests: boolean;
  /** Whether time moves only when `POST /kvasir/clock` says so. @default false */
  readonly fakeClock?: boolean | undefined;
  /** `edge` behaves like a hosted, eventually consistent service. @default "strong" */
  readonly consistency?: "strong" | "edge" | undefined;
  /** Decides how stale each result is under `edge`. @default 1 */
  readonly seed?: number | undefined;
  readonly onEvent: EventSink;
}

export interface RunningServer extends Addresses {
  /** Makes the functions use these endpoints from now on, because the other processes have changed. */
  useOtherEndpoints(endpoints: readonly FunctionsEndpoint[]): Promise<void>;
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
  const opening = openApi(options, clock, cleanups);
  if (options.paths.length === 0) {
    const { api, net } = await opening;
    const endpoint = options.servesFunctions === true ? await api.listenForFunctions() : undefined;
    net.started();
    const useOtherEndpoints = async () => {};
    return { api: api.url, endpoint, useOtherEndpoints, metrics: api.metrics, closePort: api.closePort };
  }
  // Bundles while the data is opened and the API starts, which makes `dev` ready sooner.
  const starting = runFunctions(options, clock, opening);
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
  return {
    api: api.url,
    functions: functions.url,
    devtools: functions.devtools,
    metrics: api.metrics,
    closePort: api.closePort,
    useOtherEndpoints: async (others) => functions.useEndpoints([await api.listenForFunctions(), ...others]),
  };
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
  clock: FakeClock | undefined,
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
  const database = open(locator, { clock, consistency, seed, onProblem });
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
    transientData: join(directory, "transient"),
    cacheBytesMax: options.cacheMib === undefined ? undefined : options.cacheMib * BYTES_PER_MIB,
  });
  const net = SafetyNet.install(api, onEvent);
  cleanups.push(async () => {
    await api.close();
    net.remove();
  });
  return { database, api, net };
}

async function runFunctions(
  options: ServerOptions,
  clock: FakeClock | undefined,
  opening: Promise<OpenedApi>,
): Promise<RunningFunctions> {
  const [{ startFunctions }, { memoryLimit }] = await Promise.all([
    import("../functions/host/start-functions.js"),
    import("../functions/resources/memory-limit.js"),
  ]);
  const { paths, env, host, port, mode, outbound, requestTimeoutMs, memoryMib, functionProcesses, onEvent } =
    options;
  return await startFunctions({
    paths,
    env,
    overrides: options.overrides,
    host,
    port,
    inherited: options.functionsSocket,
    mode,
    outbound,
    clock,
    cf: options.cfFile === undefined ? undefined : readCfFile(options.cfFile),
    trustedProxies: options.trustedProxies,
    testScheduled: options.testScheduled,
    inspectorPort: options.inspectorPort,
    requestTimeoutMs,
    memory: memoryLimit(memoryMib),
    processes: functionProcesses,
    cacheDirectory: join(options.data.directory, "cache"),
    objectsFolder: join(options.data.directory, "durable-objects"),
    endpoint: endpointsOf(options, opening),
    ensureNamespace: async (id, title, attributes) => {
      await (await opening).database.catalog.ensure(id, title, attributes);
    },
    onEvent,
  });
}

async function endpointsOf(
  { otherEndpoints }: ServerOptions,
  opening: Promise<OpenedApi>,
): Promise<readonly FunctionsEndpoint[]> {
  const { api } = await opening;
  return [await api.listenForFunctions(), ...((await otherEndpoints) ?? [])];
}
