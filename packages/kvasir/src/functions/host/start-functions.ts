import { homedir } from "node:os";
import { join } from "node:path";
import type { EventSink } from "../../events/events.js";
import { FunctionError } from "../../failure/function-error.js";
import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import { listBindings } from "../config/binding-list.js";
import { readRunnableConfig } from "../config/runnable-config.js";
import type { InspectorProxy } from "../inspector/inspector-proxy.js";
import { PROCESSES_MAX } from "../limits.js";
import { type MemoryLimit, memoryLimit } from "../resources/memory-limit.js";
import { inheritedSocket, type ListenSocket, openListenSocket } from "../workerd/listen-socket.js";
import type { TlsKeypair } from "../workerd/tls-keypair.js";
import { checkNames, FunctionHost, reportOutcome } from "./function-host.js";
import { FunctionSource } from "./function-source.js";
import { isProcessFunction, ProcessSource, type ProcessSourceOptions } from "./process-source.js";
import type { RunnableSource } from "./runnable-source.js";
import type { Endpoints, RunningFunctions, StartFunctionsOptions } from "./running-functions.js";

/**
 * Runs functions on workerd.
 *
 * @throws FunctionError if a config is invalid, the port is taken or the start is given up. In `serve` also if a function does not
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
  let inspector: InspectorProxy | undefined;
  let host: FunctionHost | undefined;
  options.signal?.addEventListener("abort", () => {
    for (const source of sources) source.giveUp?.();
  });
  try {
    // Sequentially: if a path is invalid, the sources before it must be closed.
    for (const path of options.paths) sources.push(openSource(path, { ...options, memory }, knowing));
    checkNames(sources, options);
    const listen = listenAt(options, sources);
    const opening = openSocket({ ...options, ...listen }, processes);
    const building = Promise.all(sources.map((source) => build(source, options)));
    building.catch(() => undefined);
    socket = await opening;
    inspector = await openInspector(options, sources);
    const tls = listen.protocol === "https" ? await keypairOf(options, listen.host) : undefined;
    const endpoints = await knowing;
    host = new FunctionHost(sources, { ...options, memory, processes, socket, tls, endpoints, inspector });
    host.watchBuild();
    await building;
    await host.start();
    if (inspector !== undefined) {
      const message = `Debuggers attach at ${inspector.address}.`;
      options.onEvent({ event: "log", level: "info", message });
    }
    if (options.mode === "dev") reportBindings(sources, options.onEvent);
    return host;
  } catch (error) {
    if (host !== undefined) await host.close();
    else await Promise.all([socket?.close(), inspector?.close(), ...sources.map((source) => source.close())]);
    throw error;
  }
}

function reportBindings(sources: readonly RunnableSource[], onEvent: EventSink): void {
  for (const { config } of sources) {
    const bindings = listBindings(config);
    if (bindings.length > 0) onEvent({ event: "bindings", function: config.name, bindings });
  }
}

async function openSocket(
  { host, port, inherited }: Pick<ListenAt, "host" | "port"> & Pick<StartFunctionsOptions, "inherited">,
  processes: number,
): Promise<ListenSocket> {
  // Windows has no descriptors to inherit: open the port again.
  if (inherited?.fds !== undefined) return inheritedSocket(inherited);
  return await openListenSocket(host, inherited?.port ?? port, processes);
}

/** It costs memory and time, so it must be asked for. */
async function openInspector(
  { mode, inspectorPort, inspectorHost }: StartFunctionsOptions,
  sources: readonly RunnableSource[],
): Promise<InspectorProxy | undefined> {
  if (mode === "serve") return undefined;
  const settings = sources.map(({ config }) => config.dev);
  const port = inspectorPort ?? settings.find((dev) => dev?.inspectorPort !== undefined)?.inspectorPort;
  if (port === undefined) return undefined;
  const host = inspectorHost ?? settings.find((dev) => dev?.inspectorHost !== undefined)?.inspectorHost;
  const { InspectorProxy } = await import("../inspector/inspector-proxy.js");
  return await InspectorProxy.listen(port, host);
}

interface ListenAt {
  readonly host: string;
  readonly port: number;
  readonly protocol: "http" | "https";
}

/** What the command line leaves open, the first config with a `dev` key decides. */
function listenAt(options: StartFunctionsOptions, sources: readonly RunnableSource[]): ListenAt {
  const { mode, host, port, localProtocol } = options;
  const settings = sources.map(({ config }) => config.dev);
  const configured = settings.find((dev) => dev?.localProtocol !== undefined)?.localProtocol;
  return {
    host: host ?? settings.find((dev) => dev?.ip !== undefined)?.ip ?? HOST,
    port: port ?? settings.find((dev) => dev?.port !== undefined)?.port ?? PORT,
    protocol: mode === "serve" ? "http" : (localProtocol ?? configured ?? "http"),
  };
}

async function keypairOf({ keypair }: StartFunctionsOptions, host: string): Promise<TlsKeypair> {
  if (keypair !== undefined) return await keypair(host);
  throw new FunctionError("https needs a certificate.", { hint: "Give the option keypair." });
}

const HOST = "127.0.0.1";
/** wrangler's. */
const PORT = 8787;

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
  const { env, mode, overrides, onEvent } = options;
  const settings = { env, mode, overrides };
  const config = readRunnableConfig(path, settings);
  for (const message of config.warnings) onEvent({ event: "log", level: "warn", message });
  return isProcessFunction(config)
    ? new ProcessSource(path, config, processOptions(options, knowing))
    : new FunctionSource(path, config, { ...settings, onEvent });
}

/** @throws FunctionError in `serve`, as soon as one function does not build */
async function build(
  source: RunnableSource,
  { mode, signal, onEvent }: StartFunctionsOptions,
): Promise<void> {
  const outcome = await source.build();
  if (signal?.aborted === true) throw new FunctionError("The start was given up.");
  reportOutcome(source, outcome, onEvent);
  const [first] = outcome.errors;
  if (first !== undefined && mode === "serve") throw new FunctionError(first.message);
}

function processOptions(options: Resolved, knowing: Promise<Endpoints>): ProcessSourceOptions {
  const { env, mode, overrides, processes = 1, memory, cacheDirectory, requestTimeoutMs, onEvent } = options;
  const endpoint = knowing.then(([first]) => first as FunctionsEndpoint);
  endpoint.catch(() => undefined);
  return {
    env,
    mode,
    overrides,
    endpoint,
    processes,
    memory,
    cacheDirectory:
      cacheDirectory ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "kvasir"),
    requestTimeoutMs,
    onEvent,
  };
}
