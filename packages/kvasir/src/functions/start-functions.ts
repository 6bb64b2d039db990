import { homedir } from "node:os";
import { join } from "node:path";
import type { FakeClock } from "@kvasir/store";
import type { EventSink } from "../events.js";
import type { FunctionsEndpoint } from "../http/functions-endpoint.js";
import { readRunnableConfig } from "./config/runnable-config.js";
import { FunctionError } from "./function-error.js";
import { checkNames, FunctionHost, reportDiagnostics } from "./function-host.js";
import { FunctionSource } from "./function-source.js";
import { PROCESSES_MAX } from "./limits.js";
import { isProcessFunction, ProcessSource, type ProcessSourceOptions } from "./process/process-source.js";
import { type MemoryLimit, memoryLimit } from "./resources/memory-limit.js";
import type { RunnableSource } from "./runnable-source.js";
import {
  type InheritedSocket,
  inheritedSocket,
  type ListenSocket,
  openListenSocket,
} from "./workerd/listen-socket.js";

export interface StartFunctionsOptions {
  /** Folders with a config, config files, or function files. */
  readonly paths: readonly string[];
  /** The environment of the configs. */
  readonly env?: string | undefined;
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** A socket to listen on instead, if another process holds the port open. */
  readonly inherited?: InheritedSocket | undefined;
  /** `dev` watches the sources and shows errors to the client. */
  readonly mode: "dev" | "serve";
  /**
   * The endpoints of the store. Several are distributed over the processes. A
   * promise lets bundling start earlier.
   */
  readonly endpoint: FunctionsEndpoint | Endpoints | Promise<FunctionsEndpoint | Endpoints>;
  /** Number of workerd processes that share the port. @default 1 */
  readonly processes?: number;
  /**
   * How long an Express-style, Python or Go function may take to begin its response,
   * in milliseconds. @default 30,000
   */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * How much memory each process of a function may use. @default a quarter of the
   * memory of the machine or container
   */
  readonly memory?: MemoryLimit;
  /**
   * How long functions may take from start to listening, in milliseconds of their own time. @default 15,000
   */
  readonly startMsMax?: number;
  /**
   * How long code in a Worker may run without a pause before its workerd is restarted, in
   * milliseconds of CPU time. @default 30,000
   */
  readonly busyMsMax?: number;
  /** The folder in which Go functions are compiled. @default in the user's cache folder */
  readonly cacheDirectory?: string;
  /** What `fetch` in a function may reach. @default "all" */
  readonly outbound?: "all" | "public";
  /**
   * The clock that `Date` shows in JavaScript functions. It must be the clock of the database. Timers stay
   * real, and so does the time of Python and Go functions. @default the machine's time
   */
  readonly clock?: FakeClock | undefined;
  /**
   * Creates a namespace that a config declares, unless it exists. The attributes apply to a new namespace.
   */
  readonly ensureNamespace: (
    id: string,
    title: string,
    attributes?: Readonly<Record<string, string>>,
  ) => Promise<void>;
  readonly onEvent: EventSink;
}

type Endpoints = readonly FunctionsEndpoint[];

export interface RunningFunctions {
  /** The URL of the functions: one function is at `/`, several are under `/<name>/`. */
  readonly url: string;
  /** Process ids of the workerds that serve now. */
  readonly pids: readonly number[];
  /**
   * Moves all functions to new endpoints of the store. A function that cannot start with them keeps the old
   * ones, and an error is reported.
   */
  useEndpoints(endpoints: readonly FunctionsEndpoint[]): Promise<void>;
  /** Lets requests in flight finish. */
  close(): Promise<void>;
}

/**
 * Runs functions on workerd.
 *
 * @throws FunctionError if a config is invalid or the port is taken. In `serve` also if a function does not
 * build or start. In `dev` such a function responds with the error until an edit fixes it.
 */
export async function startFunctions(options: StartFunctionsOptions): Promise<RunningFunctions> {
  const processes = Math.max(1, Math.min(PROCESSES_MAX, options.processes ?? 1));
  const knowing = endpointsOf(options);
  // Awaited after the port is open and the code is built. If one of those fails
  // first, that error is reported.
  knowing.catch(() => undefined);
  const sources: RunnableSource[] = [];
  const memory = options.memory ?? memoryLimit();
  let socket: ListenSocket | undefined;
  let host: FunctionHost | undefined;
  try {
    // Sequentially: if a path is invalid, the sources before it must be closed.
    for (const path of options.paths) sources.push(openSource(path, { ...options, memory }, knowing));
    checkNames(sources);
    const opening = openSocket(options, processes);
    const building = Promise.all(sources.map((source) => build(source, options)));
    building.catch(() => undefined);
    socket = await opening;
    host = new FunctionHost(sources, { ...options, memory, processes, socket, endpoints: await knowing });
    await building;
    await host.start();
    return host;
  } catch (error) {
    if (host !== undefined) await host.close();
    else await Promise.all([socket?.close(), ...sources.map((source) => source.close())]);
    throw error;
  }
}

async function openSocket(
  { host, port, inherited }: StartFunctionsOptions,
  processes: number,
): Promise<ListenSocket> {
  // Windows has no descriptors to inherit: open the port again.
  if (inherited?.fds !== undefined) return inheritedSocket(inherited);
  return await openListenSocket(host, inherited?.port ?? port, processes);
}

async function endpointsOf({ endpoint }: StartFunctionsOptions): Promise<Endpoints> {
  const known = await endpoint;
  return isSeveral(known) ? known : [known];
}

function isSeveral(
  known: FunctionsEndpoint | readonly FunctionsEndpoint[],
): known is readonly FunctionsEndpoint[] {
  return Array.isArray(known);
}

type Resolved = StartFunctionsOptions & { readonly memory: MemoryLimit };

function openSource(path: string, options: Resolved, knowing: Promise<Endpoints>): RunnableSource {
  const { env, mode, onEvent } = options;
  const config = readRunnableConfig(path, env);
  for (const message of config.warnings) onEvent({ event: "log", level: "warn", message });
  return isProcessFunction(config)
    ? new ProcessSource(path, config, processOptions(options, knowing))
    : new FunctionSource(path, config, { env, mode });
}

/** @throws FunctionError in `serve`, as soon as one function does not build */
async function build(source: RunnableSource, { mode, onEvent }: StartFunctionsOptions): Promise<void> {
  const diagnostics = await source.build();
  reportDiagnostics(source, diagnostics, onEvent);
  const [first] = diagnostics;
  if (first !== undefined && mode === "serve") throw new FunctionError(first.message);
}

function processOptions(options: Resolved, knowing: Promise<Endpoints>): ProcessSourceOptions {
  const { env, mode, processes = 1, memory, cacheDirectory, requestTimeoutMs, onEvent } = options;
  const endpoint = knowing.then(([first]) => first as FunctionsEndpoint);
  endpoint.catch(() => undefined);
  return {
    env,
    mode,
    endpoint,
    processes,
    memory,
    cacheDirectory:
      cacheDirectory ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "kvasir"),
    requestTimeoutMs,
    onEvent,
  };
}
