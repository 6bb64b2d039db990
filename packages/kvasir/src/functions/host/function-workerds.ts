import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FakeClock } from "@kvasir/store";
import type { EventSink } from "../../events/events.js";
import type { RequestCounts } from "../../wire/function-report.js";
import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import type { RequestFacts } from "../../wire/request-facts.js";
import { compareRoutes, EVERYTHING } from "../config/routes.js";
import type { InspectorProxy } from "../inspector/inspector-proxy.js";
import { ALONE_DRAIN_MS } from "../limits.js";
import { workerdLog } from "../observe/workerd-log.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import { InnerSockets } from "../workerd/inner-sockets.js";
import type { AcceptingSocket } from "../workerd/listen-socket.js";
import type { ScheduledResult, ScheduledRun } from "../workerd/scheduled-request.js";
import { WorkerdStartError } from "../workerd/start-error.js";
import { type ProcessSlot, WorkerdSupervisor } from "../workerd/supervisor.js";
import type { TlsKeypair } from "../workerd/tls-keypair.js";
import { type RemoteFunction, type RoutedAddress, workerdConfig } from "../workerd/workerd-config.js";
import { connectedFunctions, ownsObjects } from "./connected-functions.js";
import { inspectionOf } from "./inspection.js";
import { ownObjects } from "./objects-owner.js";
import type { RunnableSource, RunnableVersion } from "./runnable-source.js";

export interface FunctionWorkerdsOptions {
  /** The socket for clients. */
  readonly socket: AcceptingSocket;
  /** If set, clients speak https. */
  readonly tls: TlsKeypair | undefined;
  readonly mode: "dev" | "serve";
  /** Number of workerds that run each function, unless it has Durable Objects. */
  readonly processes: number;
  readonly secret: string;
  readonly memory: MemoryLimit;
  readonly busyMsMax: number;
  readonly startMsMax: number;
  readonly requestTimeoutMs: number | undefined;
  readonly outbound: "all" | "public";
  readonly requestFacts: RequestFacts;
  readonly testScheduled: boolean;
  readonly liveReload: boolean;
  /** Whether the first function gets all requests, and the others only those of bindings. */
  readonly firstGetsAll: boolean;
  readonly logRequests: boolean;
  readonly onRequests: ((functionName: string, counts: RequestCounts) => void) | undefined;
  readonly clock: FakeClock | undefined;
  /** The folder of Durable Objects. @default one that is removed at the end */
  readonly objectsFolder: string | undefined;
  /** @default debuggers cannot attach */
  readonly inspector: InspectorProxy | undefined;
  readonly onEvent: EventSink;
}

/** One workerd, or several that share sockets, and the configs that they last got. */
interface Unit {
  /** Several if they call each other. Empty for the router, which also holds the Workers of process functions. */
  readonly sources: readonly RunnableSource[];
  readonly supervisor: WorkerdSupervisor;
  readonly processes: number;
  /** The config for the newest versions. */
  readonly newest: () => ConfigOf;
  running: string;
  /** Whether the running versions have Durable Objects. */
  hasObjects: boolean;
}

type ConfigOf = (slot: ProcessSlot) => string;

/** The functions whose newest versions do not start, or the router if there are none. */
export interface UnitFailure {
  readonly sources: readonly RunnableSource[];
  /** Those that caused the error, as far as it says. */
  readonly culprits: readonly RunnableSource[];
  readonly error: unknown;
}

/**
 * All workerds of one `dev` or `serve`. A single function serves clients directly. With several functions
 * each one has a workerd of its own, so that a function that loops, crashes or uses too much memory is
 * replaced alone. Functions that call each other share one. A router in front forwards requests to them.
 */
export class FunctionWorkerds {
  readonly #options: FunctionWorkerdsOptions;
  readonly #sources: readonly RunnableSource[];
  readonly #inner = new InnerSockets();
  /** The sockets of functions behind the router. */
  readonly #sockets = new Map<RunnableSource, AcceptingSocket>();
  readonly #ending = new Set<Promise<void>>();
  #functions: readonly Unit[] = [];
  /** The folder of Durable Objects if no other is given. */
  #temporary: string | undefined;
  #giveBackObjects: (() => void) | undefined;
  #front: Unit | undefined;
  #endpoints: readonly FunctionsEndpoint[] = [];

  constructor(sources: readonly RunnableSource[], options: FunctionWorkerdsOptions) {
    this.#sources = sources;
    this.#options = options;
  }

  get pids(): number[] {
    return this.#units.flatMap(({ supervisor }) => supervisor.pids);
  }

  /** Resolves when all replaced workerds have finished their requests and ended. */
  get drained(): Promise<void> {
    const drained = [...this.#units.map(({ supervisor }) => supervisor.drained), ...this.#ending];
    return Promise.all(drained).then(() => undefined);
  }

  /**
   * Replaces running versions by the newest ones if they differ. A workerd that fails to
   * start leaves the old one running.
   */
  async replace(endpoints: readonly FunctionsEndpoint[]): Promise<UnitFailure[]> {
    this.#endpoints = endpoints;
    const gone = await this.#regroup();
    // Their successors would open the same files.
    const stopsFirst = gone.some(({ hasObjects }) => hasObjects);
    if (stopsFirst) await Promise.all(gone.map((unit) => this.#end(unit)));
    const failures = await Promise.all(this.#units.map((unit) => this.#replaceUnit(unit)));
    if (!stopsFirst) await Promise.all(gone.map((unit) => this.#leave(unit)));
    return failures.flat();
  }

  /** @throws KvError `unavailable` if code in a function is too busy to receive the time */
  async showTime(nowMs: number): Promise<void> {
    await Promise.all(this.#units.map(({ supervisor }) => supervisor.showTime(nowMs)));
  }

  /** Runs the `scheduled` handler of a function once. Returns `undefined` if its workerd did not respond. */
  async trigger(functionName: string, run: ScheduledRun): Promise<ScheduledResult | undefined> {
    for (const { sources, supervisor } of this.#units) {
      const at = sources.findIndex((source) => nameOf(source) === functionName);
      if (at !== -1) return await supervisor.trigger(at, run);
    }
    return undefined;
  }

  /** Makes pages reload that the running versions have served. */
  async reloadPages(): Promise<void> {
    await this.#front?.supervisor.reloadPages();
  }

  /**
   * Closes the workerd that clients connect to. Nothing new is started after this. The workerds behind it
   * keep running, because requests that it has accepted still need them.
   */
  async closeFront(): Promise<void> {
    for (const { supervisor } of this.#units) supervisor.giveUp();
    await this.#front?.supervisor.close();
  }

  /**
   * Call it after {@link closeFront}.
   *
   * @param drainMs how long functions may continue their work
   */
  async close(drainMs: number): Promise<void> {
    await Promise.all(this.#functions.map(({ supervisor }) => supervisor.close(drainMs)));
    await Promise.all(this.#ending);
    await this.#inner.close();
    this.#giveBackObjects?.();
    if (this.#temporary !== undefined) rmSync(this.#temporary, { recursive: true, force: true });
  }

  get #units(): readonly Unit[] {
    return this.#front === undefined ? this.#functions : [...this.#functions, this.#front];
  }

  /** Makes a unit for each group of functions. Returns the units whose functions are in other groups now. */
  async #regroup(): Promise<readonly Unit[]> {
    const { socket } = this.#options;
    const [only, ...others] = this.#sources;
    if (only !== undefined && others.length === 0) {
      this.#front ??= this.#unit([only], [socket], () => this.#configOf([only]));
      return [];
    }
    for (const source of this.#sources) {
      // Sequentially: sockets are not opened concurrently.
      if (!this.#sockets.has(source)) this.#sockets.set(source, await this.#inner.open());
    }
    const before = this.#functions;
    this.#functions = this.#groups().map(
      (group) =>
        before.find(({ sources }) => isSame(sources, group)) ??
        this.#unit(
          group,
          group.map((source) => this.#socketOf(source)),
          () => this.#configOf(group),
        ),
    );
    this.#front ??= this.#unit([], [socket], () => this.#routerConfig());
    return before.filter((unit) => !this.#functions.includes(unit));
  }

  /** The functions that need a workerd of their own. */
  #groups(): readonly (readonly RunnableSource[])[] {
    return connectedFunctions(this.#sources).filter(
      ([first, ...more]) => first?.hasProcess === false || more.length > 0,
    );
  }

  #socketOf(source: RunnableSource): AcceptingSocket {
    return this.#sockets.get(source) as AcceptingSocket;
  }

  #unit(
    sources: readonly RunnableSource[],
    sockets: readonly AcceptingSocket[],
    newest: Unit["newest"],
  ): Unit {
    const { secret, memory, busyMsMax, startMsMax, inspector, onEvent } = this.#options;
    const processes = this.#processesOf(sources);
    const [only, ...others] = sources;
    const functionName = () =>
      only?.hasProcess === false && others.length === 0 ? only.version.config.name : undefined;
    const supervisor = new WorkerdSupervisor({
      functionName,
      runs: () => sources.map(nameOf).join(" and ") || "the router of the functions",
      sockets,
      processes,
      controls: Math.max(1, sources.length),
      secret,
      memory,
      busyMsMax,
      startMsMax,
      inspection: inspector && inspectionOf(sources, inspector),
      onLine: workerdLog({
        onEvent,
        only: functionName,
        mapFrames: (name, text) => this.#sourceOf(name)?.version.mapFrames(text) ?? text,
        excerpt: (name, stack) => this.#sourceOf(name)?.version.excerpt?.(stack),
        onRequests: (name, counts) => {
          // A function can print such a report under any name.
          if (this.#sourceOf(name) !== undefined) this.#options.onRequests?.(name, counts);
        },
        onTimeout: (name) => this.#sourceOf(name)?.noticeTimeout?.(),
      }),
      onEvent,
    });
    return { sources, supervisor, processes, newest, running: "", hasObjects: false };
  }

  #processesOf(sources: readonly RunnableSource[]): number {
    const { processes, onEvent } = this.#options;
    const owners = sources.filter(ownsObjects).map(nameOf);
    if (processes === 1 || owners.length === 0) return processes;
    const names = sources.map(nameOf).join(" and ");
    const message = `${names} runs in one workerd instead of ${processes}: the Durable Objects of ${owners.join(" and ")} must be in one process.`;
    onEvent({ event: "log", level: "info", message });
    return 1;
  }

  async #replaceUnit(unit: Unit): Promise<UnitFailure[]> {
    const { sources, supervisor, processes } = unit;
    const hasObjects = sources.some(ownsObjects);
    try {
      const configOf = unit.newest();
      const slots = Array.from({ length: processes }, (_, index) => ({ index, shut: false }));
      const wanted = slots.map(configOf).join("\n");
      if (wanted === unit.running) return [];
      await supervisor.replace(configOf, { alone: hasObjects || unit.hasObjects });
      unit.running = wanted;
      unit.hasObjects = hasObjects;
      return [];
    } catch (error) {
      return [{ sources, culprits: culpritsOf(error, sources), error }];
    }
  }

  /** Its successor accepts from the same sockets by now. */
  async #leave(unit: Unit): Promise<void> {
    await unit.supervisor.leave();
    void this.#end(unit);
  }

  /** Ends a unit whose functions run in another one now. */
  #end({ supervisor, hasObjects }: Unit): Promise<void> {
    const ended = supervisor.close(hasObjects ? ALONE_DRAIN_MS : undefined);
    this.#ending.add(ended);
    return ended.finally(() => this.#ending.delete(ended));
  }

  /** Captures the current versions, so that a restart after a crash runs the same ones. */
  #configOf(sources: readonly RunnableSource[]): ConfigOf {
    const { mode, socket } = this.#options;
    const versions = sources.map(({ version }) => version);
    const isFront = this.#sources.length === 1;
    const names = versions.map(({ config }) => config.name);
    // A single function that runs in fewer processes than there are descriptors accepts from several.
    const descriptors = isFront && sources.some(ownsObjects) ? (socket.fds?.length ?? 1) : 1;
    const behind = names.flatMap((name) => Array.from({ length: descriptors }, () => name));
    return this.#config({
      behind,
      gated: mode === "dev",
      shared: versions.length > 1,
      functions: versions.map((version) => ({ version, prefix: isFront ? "" : this.#prefixOf(version) })),
    });
  }

  #routerConfig(): ConfigOf {
    const grouped = this.#groups().flat();
    const inRouter = this.#sources
      .filter((source) => !grouped.includes(source))
      .map(({ version }) => version);
    return this.#config({
      behind: ["router"],
      // Only the router has a gate then.
      gated: false,
      shared: false,
      functions: inRouter.map((version) => ({ version, prefix: this.#prefixOf(version) })),
      routed: grouped.map((source) => ({ name: nameOf(source), address: this.#socketOf(source).address })),
      routes: this.#routes(),
    });
  }

  #routes(): readonly RoutedAddress[] {
    const [first] = this.#sources;
    if (this.#options.firstGetsAll && first !== undefined) return [{ ...EVERYTHING, name: nameOf(first) }];
    return this.#sources
      .flatMap(({ version: { config } }) =>
        (config.routes ?? []).map((route): RoutedAddress => ({ ...route, name: config.name })),
      )
      .sort(compareRoutes);
  }

  /** What is missing in the paths that a function sees. A function with routes sees whole paths. */
  #prefixOf({ config }: RunnableVersion): string {
    return this.#options.firstGetsAll || (config.routes ?? []).length > 0 ? "" : `/${config.name}`;
  }

  #config({ behind, gated, shared, functions, routed, routes }: ConfigParts): ConfigOf {
    const {
      mode,
      secret,
      outbound,
      memory,
      clock,
      requestTimeoutMs,
      requestFacts,
      testScheduled,
      liveReload,
      tls,
      logRequests,
    } = this.#options;
    const endpoints = this.#endpoints;
    const hasObjects = functions.some(({ version }) => ownsObjects({ version }));
    const objectsFolder = hasObjects ? this.#makeObjectsFolder() : undefined;
    const isRouter = routed !== undefined;
    const isBehindRouter = !isRouter && this.#sources.length > 1;
    return ({ index, shut }) =>
      workerdConfig({
        functions: functions.map(({ version, prefix }) =>
          version.service({
            mode,
            secret,
            requestTimeoutMs,
            requestFacts,
            testScheduled,
            liveReload,
            logRequests,
            gated,
            shared,
            prefix,
            shut: shut && !isRouter,
            fakeNowMs: clock?.nowMs(),
          }),
        ),
        behind,
        routed,
        routes,
        endpoint: endpoints[index % endpoints.length] as FunctionsEndpoint,
        outbound,
        memory,
        objectsFolder,
        secret,
        isBehindRouter,
        trustsProxies: requestFacts.trustedProxies.length > 0,
        tls: isBehindRouter ? undefined : tls,
        liveReload,
        shut,
      });
  }

  #makeObjectsFolder(): string {
    const { objectsFolder } = this.#options;
    if (objectsFolder === undefined) {
      this.#temporary ??= mkdtempSync(join(tmpdir(), "kvasir-objects-"));
      return this.#temporary;
    }
    if (this.#giveBackObjects === undefined) {
      mkdirSync(objectsFolder, { recursive: true });
      this.#giveBackObjects = ownObjects(objectsFolder);
    }
    return objectsFolder;
  }

  #sourceOf(name: string | undefined): RunnableSource | undefined {
    return this.#sources.find((source) => nameOf(source) === name);
  }
}

interface ConfigParts {
  readonly behind: readonly string[];
  readonly gated: boolean;
  readonly shared: boolean;
  readonly functions: readonly { readonly version: RunnableVersion; readonly prefix: string }[];
  readonly routed?: readonly RemoteFunction[];
  readonly routes?: readonly RoutedAddress[];
}

function isSame(a: readonly RunnableSource[], b: readonly RunnableSource[]): boolean {
  return a.length === b.length && a.every((source) => b.includes(source));
}

/** The functions that workerd names in its error. */
function culpritsOf(error: unknown, sources: readonly RunnableSource[]): readonly RunnableSource[] {
  const text = error instanceof WorkerdStartError ? error.lines.join("\n") : "";
  const named = sources.filter((source) => text.includes(`service function:${nameOf(source)}:`));
  return named.length > 0 ? named : sources;
}

function nameOf({ version }: RunnableSource): string {
  return version.config.name;
}
