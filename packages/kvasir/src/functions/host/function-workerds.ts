import type { FakeClock } from "@kvasir/store";
import type { EventSink } from "../../events/events.js";
import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import { workerdLog } from "../observe/workerd-log.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import { InnerSockets } from "../workerd/inner-sockets.js";
import type { AcceptingSocket } from "../workerd/listen-socket.js";
import { type ProcessSlot, WorkerdSupervisor } from "../workerd/supervisor.js";
import { type WorkerdConfigOptions, workerdConfig } from "../workerd/workerd-config.js";
import type { RunnableSource, RunnableVersion } from "./runnable-source.js";

export interface FunctionWorkerdsOptions {
  /** Where clients connect. */
  readonly socket: AcceptingSocket;
  readonly mode: "dev" | "serve";
  /** How many workerds run each function. */
  readonly processes: number;
  readonly secret: string;
  readonly memory: MemoryLimit;
  readonly busyMsMax: number;
  readonly startMsMax: number;
  readonly requestTimeoutMs: number | undefined;
  readonly outbound: "all" | "public";
  readonly clock: FakeClock | undefined;
  readonly onEvent: EventSink;
}

/** A workerd, or several that share a socket: what it runs, and the configs that it was last given. */
interface Unit {
  /** `undefined`: the router, and the Workers in front of functions that are processes. */
  readonly source: RunnableSource | undefined;
  readonly supervisor: WorkerdSupervisor;
  /** The config of what is newest now. */
  readonly newest: () => ConfigOf;
  running: string;
}

type ConfigOf = (slot: ProcessSlot) => string;

/** A function, or the router where it is `undefined`, whose newest version does not start. */
export interface UnitFailure {
  readonly source: RunnableSource | undefined;
  readonly error: unknown;
}

/**
 * The workerds of one `dev` or `serve`. A function alone answers clients itself. Of several each runs in a workerd of
 * its own, so that one which loops, crashes or takes too much memory is replaced alone; a router in front of them
 * leads to each.
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

  /** Resolves when what was replaced until now has finished its requests and ended. */
  get drained(): Promise<void> {
    return Promise.all(this.#units.map(({ supervisor }) => supervisor.drained)).then(() => undefined);
  }

  /** Lets workerd run the newest versions, where they are others than those which run; what fails goes on as it was. */
  async replace(endpoints: readonly FunctionsEndpoint[]): Promise<UnitFailure[]> {
    this.#endpoints = endpoints;
    if (this.#front === undefined) await this.#open();
    const failures = await Promise.all(this.#units.map((unit) => this.#replaceUnit(unit)));
    return failures.flat();
  }

  /** @throws KvError `unavailable` when code in a function is too busy to be told */
  async showTime(nowMs: number): Promise<void> {
    await Promise.all(this.#units.map(({ supervisor }) => supervisor.showTime(nowMs)));
  }

  /**
   * Closes what clients connect to, and starts nothing any more. Requests that it has let in need the functions behind
   * it to the end.
   */
  async closeFront(): Promise<void> {
    for (const { supervisor } of this.#units) supervisor.giveUp();
    await this.#front?.supervisor.close();
  }

  /** Call after {@link closeFront}. @param drainMs how long functions may go on with what they do */
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

  /** A crash later starts the same versions again. */
  #configOf(
    sources: readonly RunnableSource[],
    { routed, prefix }: Pick<WorkerdConfigOptions, "routed"> & { readonly prefix?: string },
  ): ConfigOf {
    const { mode, secret, outbound, memory, clock, requestTimeoutMs } = this.#options;
    const versions = sources.map(({ version }) => version);
    const endpoints = this.#endpoints;
    // Where there is a router, the gate is in it.
    const isRouter = routed !== undefined;
    const common = { mode, secret, requestTimeoutMs, gated: mode === "dev" && !isRouter };
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
