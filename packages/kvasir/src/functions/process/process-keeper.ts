import type { EventSink } from "../../events/events.js";
import { Repeats } from "../../events/repeats.js";
import type { FunctionError } from "../../failure/function-error.js";
import { RESTART_DELAY_MS_MAX, RESTART_DELAY_MS_MIN, STABLE_AFTER_MS } from "../limits.js";
import { cutOff } from "../observe/cut-off.js";
import { describeEnd, type EndDescription } from "../resources/exit.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import { pause } from "../resources/timers.js";
import type { HeldSocket } from "../workerd/held-sockets.js";
import type { OrphanGuard } from "../workerd/orphan-guard.js";
import { FunctionProcess, type ProcessLaunch, type Work } from "./function-process.js";
import { ABANDON_GRACE_MS, PROCESS_DRAIN_TIMEOUT_MS } from "./limits.js";
import { lineLevel } from "./line-level.js";
import { markedLine } from "./marked-line.js";

const NO_WORK: Work = { requests: 0, tasks: 0, abandoned: 0 };

export interface ProcessKeeperOptions {
  /** The function's name. */
  readonly name: string;
  readonly launch: ProcessLaunch;
  readonly socket: HeldSocket;
  readonly memory: MemoryLimit;
  readonly guard: OrphanGuard;
  /** The log level of the function's standard error. */
  readonly stderrLevel: "info" | "warn" | "error";
  readonly onEvent: EventSink;
  /** When aborted, ends a process that is still starting. */
  readonly signal: AbortSignal;
}

/**
 * Keeps one process of a function running. It restarts a process that ends unexpectedly, and replaces one
 * that is stuck. Requests that arrive meanwhile wait in the socket.
 */
export class ProcessKeeper {
  readonly #options: ProcessKeeperOptions;
  readonly #stopping = new AbortController();
  #process: FunctionProcess;
  #crashes = 0;
  readonly #repeats = new Repeats();
  #stopped = false;
  /** The restart or replacement in progress. */
  #change: Promise<void> | undefined;

  private constructor(options: ProcessKeeperOptions, first: FunctionProcess) {
    this.#options = { ...options, signal: AbortSignal.any([options.signal, this.#stopping.signal]) };
    this.#process = first;
    this.#watch(first);
  }

  /** @throws FunctionStartError with the function's error */
  static async start(options: ProcessKeeperOptions): Promise<ProcessKeeper> {
    return new ProcessKeeper(options, await launch(options));
  }

  get files(): readonly string[] {
    return this.#process.files;
  }

  /** Call it when a request timed out. The process is replaced if it is stuck, but not if it is only slow. */
  noticeTimeout(): void {
    const { name, onEvent } = this.#options;
    this.#change ??= this.#replaceIfStuck()
      .catch(({ message }: Error) => onEvent({ event: "error", function: name, message }))
      .finally(() => {
        this.#change = undefined;
      });
  }

  /** Lets requests in flight and their background work finish. */
  async stop(drainMs: number): Promise<void> {
    this.#stopped = true;
    this.#stopping.abort();
    const stopping = this.#process;
    await Promise.all([this.#stop(stopping, drainMs), this.#change]);
    // A replacement that was in progress may have started a new process.
    if (this.#process !== stopping) await this.#stop(this.#process, drainMs);
  }

  async #stop(process: FunctionProcess, drainMs: number): Promise<void> {
    const { name, onEvent } = this.#options;
    const unfinished = await process.stop(drainMs);
    if (unfinished !== undefined) onEvent(cutOff(name, unfinished));
  }

  async #replaceIfStuck(): Promise<void> {
    const stuck = this.#process;
    // The function has been told that its client disconnected, and may be about to return.
    await stuck.givenTime(ABANDON_GRACE_MS);
    const work = await Promise.race([stuck.ping(), stuck.exited.then(() => NO_WORK)]);
    const abandoned = work?.abandoned;
    if (abandoned === 0 || this.#stopped || stuck.stopping) return;
    const { name, onEvent } = this.#options;
    onEvent({
      event: "error",
      function: name,
      message:
        abandoned === undefined
          ? `${name} does not react any more: an endless loop? Its process is replaced.`
          : `${name} goes on with ${abandoned} request${abandoned === 1 ? "" : "s"} that nobody waits for. Its process is replaced.`,
    });
    const fresh = await launch(this.#options).catch((error: Error) => error);
    if (fresh instanceof Error) {
      if (this.#stopped) return;
      onEvent({ event: "error", function: name, message: fresh.message });
      return;
    }
    this.#process = fresh;
    this.#watch(fresh);
    // A process that responds can finish its other requests.
    if (abandoned === undefined) await stuck.kill();
    else void this.#stop(stuck, PROCESS_DRAIN_TIMEOUT_MS);
  }

  #watch(watched: FunctionProcess): void {
    const startedMs = Date.now();
    void watched.exited.then((exit) => {
      if (watched.stopping || this.#stopped || this.#process !== watched) return;
      if (Date.now() - startedMs >= STABLE_AFTER_MS) this.#crashes = 0;
      this.#change = this.#restart(describeEnd(exit, this.#options.memory)).finally(() => {
        this.#change = undefined;
      });
    });
  }

  async #restart(ended: EndDescription): Promise<void> {
    const { name, onEvent } = this.#options;
    let { text, hint } = ended;
    while (!this.#stopped) {
      const delayMs = Math.min(RESTART_DELAY_MS_MAX, RESTART_DELAY_MS_MIN * 2 ** this.#crashes++);
      const told = `The process of ${name} ${text}; starting it again in ${delayMs} ms.`;
      const message = delayMs === RESTART_DELAY_MS_MAX ? this.#repeats.admit(told) : told;
      if (message !== undefined) {
        onEvent({ event: "error", function: name, message, ...(hint === undefined ? {} : { hint }) });
      }
      await pause(delayMs);
      if (this.#stopped) return;
      try {
        this.#process = await launch(this.#options);
        this.#watch(this.#process);
        return;
      } catch (error) {
        if (this.#stopped) return;
        ({ hint } = error as FunctionError);
        text = `does not start: ${(error as Error).message}`;
      }
    }
  }
}

function launch({
  name,
  launch: how,
  socket,
  memory,
  guard,
  stderrLevel,
  onEvent,
  signal,
}: ProcessKeeperOptions): Promise<FunctionProcess> {
  return FunctionProcess.start({
    launch: how,
    socket,
    memory,
    guard,
    signal,
    onLine(stream, line) {
      const { message, ...request } = markedLine(line);
      const level = lineLevel(message) ?? (stream === "stdout" ? "info" : stderrLevel);
      onEvent({ event: "log", level, function: name, ...request, message });
    },
    onError: ({ message, stack, request }) =>
      onEvent({
        event: "error",
        function: name,
        message,
        ...(request === undefined ? {} : { request }),
        ...(stack === undefined ? {} : { stack }),
      }),
  });
}
