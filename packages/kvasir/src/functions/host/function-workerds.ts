import type { FakeClock } from "@kvasir/store";
import type { EventSink } from "../../events/events.js";
import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import type { RequestFacts } from "../../wire/request-facts.js";
import { workerdLog } from "../observe/workerd-log.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import { InnerSockets } from "../workerd/inner-sockets.js";
import type { AcceptingSocket } from "../workerd/listen-socket.js";
import type { ScheduledResult, ScheduledRun } from "../workerd/scheduled-request.js";
import { type ProcessSlot, WorkerdSupervisor } from "../workerd/supervisor.js";
import { type WorkerdConfigOptions, workerdConfig } from "../workerd/workerd-config.js";
import type { RunnableSource, RunnableVersion } from "./runnable-source.js";

export interface FunctionWorkerdsOptions {
  /** The socket for clients. */
  readonly socket: AcceptingSocket;
  readonly mode: "dev" | "serve";
  /** Number of workerds that run each function. */
  readonly processes: number;
  readonly secret: string;
  readonly memory: MemoryLimit;
  readonly busyMsMax: number;
  readonly startMsMax: number;
  readonly requestTimeoutMs: number | undefined;
  readonly outbound: "all" | "public";
  readonly requestFacts: RequestFacts;
  readonly testScheduled: boolean;
  readonly clock: FakeClock | undefined;
  readonly onEvent: EventSink;
}

/** One workerd, or several that share a socket, and the configs that they last got. */
interface Unit {
  /** `undefined` for the router, which also holds the Workers in front of process functions. */
  readonly source: RunnableSource | undefined;
  readonly supervisor: WorkerdSupervisor;
  /** The config for the newest versions. */
  readonly newest: () => ConfigOf;
  running: string;
}

type ConfigOf = (slot: ProcessSlot) => string;

/** A function whose newest version does not start, or the router if `source` is `undefined`. */
export interface UnitFailure {
  readonly source: RunnableSource | undefined;
  readonly error: unknown;
}

/**
 * All workerds of one `dev` or `serve`. A single function serves clients directly. With several functions
 * each one has a workerd of its own, so that a function that loops, crashes or uses too much memory is
 * replaced alone. A router in front forwards requests to them.
 */
export class FunctionWorkerds {
  readonly #options: FunctionWorkerdsOptions;
  readonly #sources: readonly RunnableSource[];
  readonly #inner = new InnerSockets();
  readonly #functions: Unit[] = [];
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
    return Promise.all(this.#units.map(({ supervisor }) => supervisor.drained)).then(() => undefined);
  }

  /**
   * Replaces running versions by the newest ones if they differ. A workerd that fails to
   * start leaves the old one running.
   */
  async replace(endpoints: readonly FunctionsEndpoint[]): Promise<UnitFailure[]> {
    this.#endpoints = endpoints;
    if (this.#front === undefined) await this.#open();
    const failures = await Promise.all(this.#units.map((unit) => this.#replaceUnit(unit)));
    return failures.flat();
  }

  /** @throws KvError `unavailable` if code in a function is too busy to receive the time */
  async showTime(nowMs: number): Promise<void> {
    await Promise.all(this.#units.map(({ supervisor }) => supervisor.showTime(nowMs)));
  }

  /** Runs the `scheduled` handler of a function once. Returns `undefined` if its workerd did not respond. */
  async trigger(functionName: string, run: ScheduledRun): Promise<ScheduledResult | undefined> {
    const unit = this.#units.find(({ source }) => source?.version.config.name === functionName);
    return await unit?.supervisor.trigger(run);
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
    await this.#inner.close();
  }

  get #units(): readonly Unit[] {
    return this.#front === undefined ? this.#functions : [...this.#functions, this.#front];
  }

  async #open(): Promise<void> {
    const { socket } = this.#options;
    const [only, ...others] = this.#sources;
    if (only !== undefined && others.length === 0) {
      this.#front = this.#unit(only, socket, () => this.#configOf([only], {}));
      return;
    }
    const remotes: { source: RunnableSource; address: string }[] = [];
    for (const source of this.#sources.filter(({ hasProcess }) => !hasProcess)) {
      const inner = await this.#inner.open();
      remotes.push({ source, address: inner.address });
      const newest = () => this.#configOf([source], { prefix: prefixOf(source.version) });
      this.#functions.push(this.#unit(source, inner, newest));
    }
    const inRouter = this.#sources.filter(({ hasProcess }) => hasProcess);
    this.#front = this.#unit(undefined, socket, () =>
      this.#configOf(inRouter, {
        routed: remotes.map(({ source, address }) => ({ name: source.version.config.name, address })),
      }),
    );
  }

  #unit(source: RunnableSource | undefined, socket: AcceptingSocket, newest: Unit["newest"]): Unit {
    const { processes, secret, memory, busyMsMax, startMsMax, onEvent } = this.#options;
    const functionName = () => (source?.hasProcess === false ? source.version.config.name : undefined);
    const supervisor = new WorkerdSupervisor({
      functionName,
      socket,
      processes,
      secret,
      memory,
      busyMsMax,
      startMsMax,
      onLine: workerdLog({
        onEvent,
        only: functionName,
        mapFrames: (name, text) => this.#sourceOf(name)?.version.mapFrames(text) ?? text,
        onTimeout: (name) => this.#sourceOf(name)?.noticeTimeout?.(),
      }),
      onEvent,
    });
    return { source, supervisor, newest, running: "" };
  }

  async #replaceUnit(unit: Unit): Promise<UnitFailure[]> {
    const { source, supervisor } = unit;
    const configOf = unit.newest();
    const slots = Array.from({ length: this.#options.processes }, (_, index) => ({ index, shut: false }));
    const wanted = slots.map(configOf).join("\n");
    if (wanted === unit.running) return [];
    try {
      await supervisor.replace(configOf);
      unit.running = wanted;
      return [];
    } catch (error) {
      return [{ source, error }];
    }
  }

  /** Captures the current versions, so that a restart after a crash runs the same ones. */
  #configOf(
    sources: readonly RunnableSource[],
    { routed, prefix }: Pick<WorkerdConfigOptions, "routed"> & { readonly prefix?: string },
  ): ConfigOf {
    const { mode, secret, outbound, memory, clock, requestTimeoutMs, requestFacts, testScheduled } =
      this.#options;
    const versions = sources.map(({ version }) => version);
    const endpoints = this.#endpoints;
    // If there is a router, only the router has a gate.
    const isRouter = routed !== undefined;
    const common = {
      mode,
      secret,
      requestTimeoutMs,
      requestFacts,
      testScheduled,
      gated: mode === "dev" && !isRouter,
    };
    return ({ index, shut }) =>
      workerdConfig({
        functions: versions.map((version) =>
          version.service({
            ...common,
            prefix: isRouter ? prefixOf(version) : (prefix ?? ""),
            shut: shut && !isRouter,
            fakeNowMs: clock?.nowMs(),
          }),
        ),
        routed,
        endpoint: endpoints[index % endpoints.length] as FunctionsEndpoint,
        outbound,
        memory,
        secret,
        isBehindRouter: prefix !== undefined,
        trustsProxies: requestFacts.trustedProxies.length > 0,
        shut,
      });
  }

  #sourceOf(name: string | undefined): RunnableSource | undefined {
    return this.#sources.find((source) => source.version.config.name === name);
  }
}

function prefixOf({ config }: RunnableVersion): string {
  return `/${config.name}`;
}
