import { join } from "node:path";
import type { Database, FakeClock, KvError } from "@kvasir/store";
import type { MetricsSnapshot, OtherMetrics } from "../api/metrics.js";
import type { EventSink } from "../events/events.js";
import type { RunningFunctions } from "../functions/host/running-functions.js";
import type { InheritedSocket } from "../functions/workerd/listen-socket.js";
import type { FunctionsEndpoint, Outbound } from "../wire/functions-wire.js";
import type { ApiServer } from "./api-server.js";
import { makeDataDirectory } from "./data-directory.js";
import { FAILED_START_MS_MAX } from "./limits.js";
import type { Addresses } from "./messages.js";
import { SafetyNet } from "./safety-net.js";
import { closeInTime } from "./shutdown.js";

export interface ServerOptions {
  readonly mode: "dev" | "serve";
  /** Workers to run; none: the API alone. */
  readonly paths: readonly string[];
  /** The environment of their configs. */
  readonly env?: string | undefined;
  /** Where the functions listen. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** A socket to listen on instead, if another process holds the port open. */
  readonly functionsSocket?: InheritedSocket | undefined;
  /** What `fetch` in them may reach. */
  readonly outbound: Outbound;
  /** How long an Express-style, Python or Go function may take to answer, in milliseconds. */
  readonly requestTimeoutMs?: number | undefined;
  /** How much memory each process of a function may have, in MiB. @default a quarter of the machine's */
  readonly memoryMib?: number | undefined;
  /** Processes that share the functions' port. */
  readonly functionProcesses: number;
  /** Other processes on the same data, which the functions use as well as this one. */
  readonly otherEndpoints?: Promise<readonly FunctionsEndpoint[]> | undefined;
  /** Open a way to the data for functions that another process runs. */
  readonly servesFunctions?: boolean | undefined;
  /** Which of several processes this is, from 1. @default 1 */
  readonly worker?: number | undefined;
  /** What the others count. @default there are no others */
  readonly otherMetrics?: (() => Promise<OtherMetrics>) | undefined;
  /** Where the API listens. */
  readonly apiHost: string;
  /** 0: any free port. */
  readonly apiPort: number;
  /** The data directory. */
  readonly data: string;
  readonly auth: { readonly mode: "dev" | "tokens" | "none"; readonly adminToken?: string };
  /** The account id that the API shows. @default 32 zeros */
  readonly account?: string | undefined;
  /** Report each request to the API. */
  readonly logRequests: boolean;
  /** Time moves only when `POST /kvasir/clock` says so. @default false */
  readonly fakeClock?: boolean | undefined;
  /** `edge`: as a hosted, eventually consistent service has it. @default "strong" */
  readonly consistency?: "strong" | "edge" | undefined;
  /** How old which answer is under `edge`. @default 1 */
  readonly seed?: number | undefined;
  readonly onEvent: EventSink;
}

export interface RunningServer extends Addresses {
  /** The other processes on the data have changed; the functions use these from now on. */
  useOtherEndpoints(endpoints: readonly FunctionsEndpoint[]): Promise<void>;
  /** What this process counts. */
  metrics(): Promise<MetricsSnapshot>;
  /** The API takes no more requests; functions still reach the data. */
  closePort(): Promise<void>;
  /** Takes no more requests, finishes those under way, and lets go of the data. */
  close(): Promise<void>;
}

/** Opens the data, then starts the API and the functions on it. Whatever fails, nothing is left running. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const cleanups: (() => Promise<void>)[] = [];
  const close = async () => {
    // Last opened, first closed: requests end before the data that they use goes away.
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
  // Bundling goes on while the data is opened and the API starts: this is what keeps `dev` quick to be ready.
  const starting = runFunctions(options, clock, opening);
  const [opened, started] = await Promise.allSettled([opening, starting]);
  if (started.status === "fulfilled") {
    // No door takes new requests; those in functions still reach the data.
    cleanups.push(async () => {
      await Promise.all([opening.then(({ api }) => api.closePort()), started.value.close()]);
    });
  }
  // Functions fail too when the API does; its own reason is the one to tell.
  if (opened.status === "rejected") throw opened.reason;
  if (started.status === "rejected") throw started.reason;
  const { api, net } = opened.value;
  const functions = started.value;
  net.started();
  return {
    api: api.url,
    functions: functions.url,
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

/** It starts at the machine's time, which data that is there already was written by. */
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
  makeDataDirectory(options.data, notify);
  const [{ open }, { startApiServer }] = await Promise.all([
    import("@kvasir/store"),
    import("./api-server.js"),
  ]);
  const { consistency, seed } = options;
  const onProblem = ({ message, hint }: KvError) =>
    options.onEvent({ event: "error", message, ...(hint === undefined ? {} : { hint }) });
  const database = open(options.data, { clock, consistency, seed, onProblem });
  cleanups.push(() => database.close());
  const { apiHost: host, apiPort: port, auth, account, logRequests, onEvent, worker, otherMetrics } = options;
  const api = await startApiServer({
    database,
    host,
    port,
    auth,
    account,
    logRequests,
    onEvent,
    worker,
    otherMetrics,
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
    host,
    port,
    inherited: options.functionsSocket,
    mode,
    outbound,
    clock,
    requestTimeoutMs,
    memory: memoryLimit(memoryMib),
    processes: functionProcesses,
    cacheDirectory: join(options.data, "cache"),
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
