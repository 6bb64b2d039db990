import { setMaxListeners } from "node:events";
import { KvError } from "@kvasir/client/namespace";
import type { EventSink } from "../../events/events.js";
import { Repeats } from "../../events/repeats.js";
import { FunctionError } from "../../failure/function-error.js";
import {
  ALONE_DRAIN_MS,
  BUSY_CHECK_INTERVAL_MS,
  DRAIN_TIMEOUT_MS,
  PROCESSES_MAX,
  RESTART_DELAY_MS_MAX,
  RESTART_DELAY_MS_MIN,
  SETTLE_MS,
  STABLE_AFTER_MS,
} from "../limits.js";
import { describeEnd, type EndDescription } from "../resources/exit.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import { pause } from "../resources/timers.js";
import { type AcceptingSocket, descriptorsOf } from "./listen-socket.js";
import { OrphanGuard } from "./orphan-guard.js";
import type { ScheduledResult, ScheduledRun } from "./scheduled-request.js";
import { type StopOptions, WorkerdProcess } from "./workerd-process.js";

/** The debuggers of the functions that a workerd runs. */
export interface Inspection {
  readonly isAttached: boolean;
  /** Call it before the running workerd is replaced. If a function is paused, it continues. */
  leave(): void;
  /**
   * Moves the debuggers to a workerd.
   *
   * @param port where its inspector listens
   * @returns when it has their breakpoints
   */
  enter(port: number): Promise<void>;
}

/** The values that differ between the configs of the processes. */
export interface ProcessSlot {
  /** Counted from 0. */
  readonly index: number;
  /** Starts with a closed gate, because another workerd is still serving. */
  readonly shut: boolean;
}

export interface SupervisorOptions {
  /** The function that it runs. `undefined` if it runs several, or their router. */
  readonly functionName: () => string | undefined;
  /** All that it runs, for messages. */
  readonly runs: () => string;
  /** What it accepts from: several if several functions share a workerd. */
  readonly sockets: readonly AcceptingSocket[];
  /** Number of workerds that share the sockets. */
  readonly processes: number;
  /** How many control sockets each workerd has. */
  readonly controls: number;
  /** The path of the gate's control entrypoint. */
  readonly secret: string;
  /** How long code may run without a pause before its process is restarted, in milliseconds of CPU time. */
  readonly busyMsMax: number;
  /** How long a workerd may take from start to listening, in milliseconds of its own time. */
  readonly startMsMax: number;
  readonly memory: MemoryLimit;
  /** @default debuggers cannot attach */
  readonly inspection?: Inspection | undefined;
  readonly onLine: (line: string) => void;
  readonly onEvent: EventSink;
}

type ConfigOf = (slot: ProcessSlot) => string;

/**
 * Keeps workerd running. It replaces workerd by one with a new config without failing a request, and restarts
 * it after a crash. Requests that arrive while none runs wait in the kernel's queue.
 */
export class WorkerdSupervisor {
  readonly #options: SupervisorOptions;
  readonly #guard = new OrphanGuard();
  readonly #stopped = new Set<Promise<void>>();
  /** All processes that are starting or running, including those that only finish their requests. */
  readonly #alive = new Set<Promise<WorkerdProcess>>();
  readonly #closing = new AbortController();
  #running: WorkerdProcess[] = [];
  #configOf: ConfigOf | undefined;
  #crashes = 0;
  readonly #repeats = new Repeats();
  #closed = false;
  /** Serializes changes of processes. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Serializes changes of the fake time. */
  #showing: Promise<unknown> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    setMaxListeners(PROCESSES_MAX, this.#closing.signal);
  }

  /**
   * Starts workerd with a config. If one is running, the new one takes over from it. The old one ends before the
   * new one starts if they cannot share an address, or must not share files (`alone`). Requests wait meanwhile.
   *
   * @throws WorkerdStartError if it does not start; the old one keeps running
   */
  replace(configOf: ConfigOf, { alone = false } = {}): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#closed) throw new FunctionError("The functions are ending.");
      const old = this.#running;
      const stopsFirst = alone || this.#options.sockets.some(({ fds }) => fds === undefined);
      const canShare = !stopsFirst;
      this.#options.inspection?.leave();
      if (stopsFirst) await this.#stop(old, alone ? ALONE_DRAIN_MS : DRAIN_TIMEOUT_MS, { replaced: true });
      const starting = this.#start(configOf, old.length > 0 && canShare);
      const fresh = stopsFirst
        ? await starting.catch((error) => this.#startAgain(error))
        : await starting.catch((error) => this.#keep(old, error));
      await this.#inspect(fresh);
      this.#configOf = configOf;
      this.#running = fresh;
      this.#crashes = 0;
      if (canShare && old.length > 0) await this.#takeOver(old, fresh);
    });
  }

  /**
   * Makes `Date` in all functions show another time. Resolves when it does, also in processes that are
   * starting.
   *
   * @throws KvError `unavailable` if code in a function is too busy to receive the time
   */
  showTime(nowMs: number): Promise<void> {
    // Sequentially, because an older time could arrive last.
    const shown = this.#showing.then(async () => {
      const responded = await Promise.all(
        Array.from(this.#alive, (starting) =>
          starting.then(
            (process) => process.showTime(this.#options.secret, nowMs),
            () => true,
          ),
        ),
      );
      if (responded.every((done) => done)) return;
      throw new KvError(
        "unavailable",
        "A function computes without a pause, and does not see the new time yet",
        {
          hint: "Look for a loop that does not end, perhaps one that waits for Date to move.",
        },
      );
    });
    this.#showing = shown.catch(() => undefined);
    return shown;
  }

  /** Runs the function's `scheduled` handler in one of its processes. */
  async trigger(at: number, run: ScheduledRun): Promise<ScheduledResult | undefined> {
    return await this.#running[0]?.trigger(at, this.#options.secret, run);
  }

  /** Makes pages reload that its processes have served. */
  async reloadPages(): Promise<void> {
    await Promise.all(this.#running.map((process) => process.reloadPages(this.#options.secret)));
  }

  /** Ends processes that are starting. Running processes continue. Nothing is started after this. */
  giveUp(): void {
    this.#closed = true;
    this.#closing.abort();
  }

  /** Makes its processes accept nothing more. Call {@link close} to let them finish. */
  async leave(): Promise<void> {
    this.giveUp();
    await this.#turn;
    const { secret } = this.#options;
    const leaving = this.#running;
    const releases = await Promise.all(leaving.map((process) => process.holdToStop(secret)));
    await Promise.all(leaving.map((process) => process.startToStop()));
    for (const release of releases) release();
  }

  /**
   * Lets requests in flight and their background work finish within the given time, then ends all processes.
   */
  async close(drainMs: number = DRAIN_TIMEOUT_MS): Promise<void> {
    // A slow start must not use up the time that the others have to finish.
    this.giveUp();
    await this.#turn;
    await this.#stop(this.#running, drainMs);
    await Promise.all(this.#stopped);
    this.#guard.close();
  }

  /** Resolves when all replaced processes have finished their requests and ended. */
  get drained(): Promise<void> {
    return Promise.all(this.#stopped).then(() => undefined);
  }

  /** Process ids of the workerds that serve now. */
  get pids(): number[] {
    return this.#running.map(({ pid }) => pid);
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(change);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** After the previous processes were stopped for a config that does not start. */
  async #startAgain(error: unknown): Promise<never> {
    if (this.#configOf !== undefined) this.#running = await this.#start(this.#configOf, false);
    return this.#keep(this.#running, error);
  }

  /** After a config that does not start, while the previous processes run. */
  async #keep(processes: readonly WorkerdProcess[], error: unknown): Promise<never> {
    await this.#inspect(processes);
    throw error;
  }

  /** Only `dev` has debuggers, and it has one process. */
  async #inspect([process]: readonly WorkerdProcess[]): Promise<void> {
    if (process?.inspectorPort !== undefined) await this.#options.inspection?.enter(process.inspectorPort);
  }

  async #start(configOf: ConfigOf, shut: boolean): Promise<WorkerdProcess[]> {
    const { processes } = this.#options;
    const starts = await Promise.allSettled(
      Array.from({ length: processes }, (_, index) => this.#startOne(configOf, { index, shut })),
    );
    const started = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
    const failure = starts.find((start) => start.status === "rejected");
    if (failure !== undefined) {
      await this.#stop(started);
      throw failure.reason;
    }
    for (const [index, process] of started.entries()) this.#watch(process, index);
    return started;
  }

  #startOne(configOf: ConfigOf, slot: ProcessSlot): Promise<WorkerdProcess> {
    const { sockets, processes, controls, inspection, startMsMax, memory, onLine } = this.#options;
    const starting = WorkerdProcess.start({
      config: configOf(slot),
      listeners: sockets.flatMap((socket) =>
        descriptorsOf(socket, { index: slot.index, processes }).map((fd) => ({
          address: socket.address,
          fd,
        })),
      ),
      controls,
      inspected: inspection !== undefined,
      startMsMax,
      memory,
      guard: this.#guard,
      signal: this.#closing.signal,
      onLine,
    });
    this.#alive.add(starting);
    void starting
      .then(
        ({ exited }) => exited,
        () => {},
      )
      .then(() => this.#alive.delete(starting));
    return starting;
  }

  async #takeOver(old: readonly WorkerdProcess[], fresh: readonly WorkerdProcess[]): Promise<void> {
    const { secret } = this.#options;
    const [releaseOld, releaseFresh] = await Promise.all([
      Promise.all(old.map((process) => process.holdToStop(secret, { replaced: true }))),
      Promise.all(fresh.map((process) => process.holdRequests(secret))),
    ]);
    await Promise.all(old.map((process) => process.startToStop()));
    for (const release of [...releaseOld, ...releaseFresh]) release();
    // Not awaited: requests in flight may take long.
    void this.#stop(old);
    // Clients still hold idle connections to the old workerd, which are closed by now. Give them time to
    // notice before the reload is reported as done and they send the next request.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }

  async #stop(
    processes: readonly WorkerdProcess[],
    drainMs: number = DRAIN_TIMEOUT_MS,
    { replaced = false } = {},
  ): Promise<void> {
    const stopping = Promise.all(processes.map((process) => this.#stopOne(process, { drainMs, replaced })));
    const stopped = stopping.then(() => undefined);
    this.#stopped.add(stopped);
    await stopped;
    this.#stopped.delete(stopped);
  }

  async #stopOne(process: WorkerdProcess, end: StopOptions): Promise<void> {
    const { secret, functionName, onEvent } = this.#options;
    if (await process.stop(secret, end)) return;
    const name = functionName();
    onEvent({
      event: "log",
      level: "warn",
      ...(name === undefined ? {} : { function: name }),
      message: "Requests that were still in flight had to be cut off.",
    });
  }

  #watch(process: WorkerdProcess, index: number): void {
    const startedMs = Date.now();
    let stuck: EndDescription | undefined;
    void this.#findStuck(process).then((description) => {
      if (description === undefined || process.stopping) return;
      stuck = description;
      process.kill();
    });
    void process.exited.then((exit) => {
      if (process.stopping || this.#closed) return;
      if (Date.now() - startedMs >= STABLE_AFTER_MS) this.#crashes = 0;
      void this.#restart(process, index, stuck ?? describeEnd(exit, this.#options.memory));
    });
  }

  /**
   * Resolves when a function runs without a pause for too long, or when the process has ended. All code in a
   * workerd shares one thread, so an endless loop blocks everything else.
   */
  async #findStuck(process: WorkerdProcess): Promise<EndDescription | undefined> {
    const { busyMsMax } = this.#options;
    // Someone who debugs a loop may look at it for long.
    const isInspected = () => this.#options.inspection?.isAttached === true;
    let ended = false;
    void process.exited.then(() => {
      ended = true;
    });
    while (!ended) {
      if (!isInspected() && (await process.computesFor(busyMsMax)) && !isInspected()) {
        return {
          text: `has computed for ${busyMsMax / 1000} s without a pause, and nothing else was answered`,
          hint: "Look for a loop that does not end; long work needs an await now and then.",
        };
      }
      await pause(Math.min(BUSY_CHECK_INTERVAL_MS, busyMsMax));
    }
    return undefined;
  }

  async #restart(crashed: WorkerdProcess, index: number, { text, hint }: EndDescription): Promise<void> {
    const delayMs = Math.min(RESTART_DELAY_MS_MAX, RESTART_DELAY_MS_MIN * 2 ** this.#crashes++);
    const name = this.#options.functionName();
    const ended = `workerd, which runs ${this.#options.runs()}, ${text}; starting it again in ${delayMs} ms.`;
    const message = delayMs === RESTART_DELAY_MS_MAX ? this.#repeats.admit(ended) : ended;
    if (message !== undefined) {
      this.#options.onEvent({
        event: "error",
        ...(name === undefined ? {} : { function: name }),
        message,
        ...(hint === undefined ? {} : { hint }),
      });
    }
    await pause(delayMs);
    await this.#inTurn(async () => {
      const configOf = this.#configOf;
      // A reload may have replaced the process meanwhile.
      if (this.#closed || configOf === undefined || this.#running[index] !== crashed) return;
      try {
        const fresh = await this.#startOne(configOf, { index, shut: false });
        this.#running = this.#running.with(index, fresh);
        await this.#inspect([fresh]);
        this.#watch(fresh, index);
      } catch (error) {
        if (this.#closed) return;
        void this.#restart(crashed, index, {
          text: `does not start: ${(error as Error).message}`,
          hint: (error as FunctionError).hint,
        });
      }
    });
  }
}
