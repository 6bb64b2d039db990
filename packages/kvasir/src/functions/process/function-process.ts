import type { ChildProcess } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { FunctionError } from "../../failure/function-error.js";
import { isRequestId } from "../../wire/request-id.js";
import type { Unfinished } from "../observe/cut-off.js";
import { objectIn, readLines } from "../observe/lines.js";
import {
  describeEnd,
  describeStartError,
  type Exit,
  enforceMemory,
  LastComplaint,
} from "../resources/exit.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import { TOO_LONG, withinProcessTime } from "../resources/process-time.js";
import { spawnLimited } from "../resources/spawn-limited.js";
import { pause } from "../resources/timers.js";
import type { HeldSocket } from "../workerd/held-sockets.js";
import type { OrphanGuard } from "../workerd/orphan-guard.js";
import {
  LAST_PING_TIMEOUT_MS,
  OUTPUT_GRACE_MS,
  PING_TIMEOUT_MS,
  PROCESS_START_TIMEOUT_MS,
} from "./limits.js";

/**
 * How to start a function's process. It inherits its socket and the control line as the descriptors below.
 */
export interface ProcessLaunch {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** The complete environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
}

export const SOCKET_FD = 3;
export const CONTROL_FD = 4;

/** A line of JSON on the control line. */
type ControlMessage =
  | { readonly event: "loaded"; readonly files: readonly string[] }
  | { readonly event: "ready" }
  | {
      readonly event: "failed";
      readonly message: string;
      readonly stack?: string;
      readonly files?: readonly string[];
    }
  | {
      readonly event: "error";
      readonly message: string;
      readonly stack?: string;
      readonly request?: string;
    }
  | ({ readonly event: "pong" } & Work);

/** The current work of a process. */
export interface Work extends Unfinished {
  /** Calls that still run although their client has disconnected. */
  readonly abandoned: number;
}

export interface FunctionProcessOptions {
  readonly launch: ProcessLaunch;
  readonly socket: HeldSocket;
  readonly memory: MemoryLimit;
  readonly guard: OrphanGuard;
  /** When aborted, ends a process that is still starting. */
  readonly signal: AbortSignal;
  readonly onLine: (stream: "stdout" | "stderr", line: string) => void;
  /** Receives errors that the function threw. */
  readonly onError: (error: {
    readonly message: string;
    readonly stack?: string | undefined;
    /** The id of the request that failed. */
    readonly request?: string | undefined;
  }) => void;
}

/** One running process of a function. */
export class FunctionProcess {
  /** Resolves when the process has ended for any reason. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #onError: FunctionProcessOptions["onError"];
  readonly #started: PromiseWithReject = promiseWithReject();
  #files: readonly string[] = [];
  #stopping = false;
  #pong: ((work: Work) => void) | undefined;

  private constructor({ launch, socket, memory, guard, onLine, onError }: FunctionProcessOptions) {
    this.#onError = onError;
    const child = spawnLimited(
      { command: launch.command, args: launch.args, memory },
      {
        cwd: launch.folder,
        env: launch.environment,
        stdio: ["ignore", "pipe", "pipe", socket.fd, "pipe"],
        // In a group of its own: a terminal would send Ctrl-C to the function too, but
        // Kvasir must drain requests first.
        detached: true,
      },
    );
    this.#child = child;
    const ended = new Promise<Exit>((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal }));
      child.once("exit", (code, signal) => {
        // Programs that it started would keep its output open.
        this.#killGroup();
        setTimeout(() => resolve({ code, signal }), OUTPUT_GRACE_MS).unref();
      });
      child.on("error", (error) => {
        const { text, hint } = describeStartError(error);
        this.#started.reject(new FunctionStartError(`${launch.command} ${text}.`, { hint }));
        resolve({ code: null, signal: null });
      });
    });
    const { pid } = child;
    if (pid === undefined) {
      this.exited = ended;
      return;
    }
    const complaint = new LastComplaint();
    this.exited = enforceMemory(
      ended.then((exit) => ({ ...exit, lacked: complaint.lacked })),
      { pid, memory, kill: () => this.#killGroup() },
    );
    guard.watch(pid);
    void this.exited.then(() => guard.forget(pid));
    readLines(child.stdout as Readable, (line) => onLine("stdout", line));
    readLines(child.stderr as Readable, (line) => {
      complaint.hear(line);
      onLine("stderr", line);
    });
    readLines(child.stdio[CONTROL_FD] as Readable, (line) => this.#receive(line));
    void this.exited.then((exit) => {
      const { text, hint } = describeEnd(exit, memory);
      this.#started.reject(new FunctionStartError(`While it started it ${text}.`, { hint }));
    });
  }

  /**
   * Starts a process. Resolves when it serves requests.
   *
   * @throws FunctionStartError with the function's error if it does not start
   */
  static async start(options: FunctionProcessOptions): Promise<FunctionProcess> {
    const { signal } = options;
    if (signal.aborted) throw new FunctionStartError("It was not started any more.");
    const started = new FunctionProcess(options);
    const abort = () => started.#started.reject(new FunctionStartError("Its start was given up."));
    signal.addEventListener("abort", abort);
    try {
      const { pid } = started;
      const serves = started.#started.promise;
      // If the process could not be spawned, `serves` rejects with the reason.
      const outcome = pid === undefined ? await serves : await within(pid, PROCESS_START_TIMEOUT_MS, serves);
      if (outcome !== TOO_LONG) return started;
      throw new FunctionStartError(`It was not ready within ${PROCESS_START_TIMEOUT_MS / 1000} s.`);
    } catch (error) {
      await started.kill();
      throw error;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The function's own files, as far as the process has reported them. */
  get files(): readonly string[] {
    return this.#files;
  }

  /** Whether {@link stop} or {@link kill} was called. Its end is then not a crash. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /**
   * Waits until the process has had this much time of its own, in milliseconds, or has ended. Wall-clock time
   * would be unfair on a machine that is too busy to run the process.
   */
  async givenTime(ms: number): Promise<void> {
    if (this.pid !== undefined) await within(this.pid, ms, this.exited);
  }

  /** Returns the current work. Returns `undefined` if the process does not respond. */
  async ping(): Promise<Work | undefined> {
    const { pid } = this;
    if (pid === undefined) return undefined;
    const control = this.#child.stdio[CONTROL_FD] as Duplex;
    const answered = new Promise<Work>((resolve) => {
      this.#pong = resolve;
    });
    control.write('{"event":"ping"}\n');
    const work = await within(pid, PING_TIMEOUT_MS, answered);
    return work === TOO_LONG ? undefined : work;
  }

  /**
   * Stops accepting requests, and lets requests in flight and their background work finish.
   *
   * @returns after the process has ended: the work that was cut off at the deadline, or
   * `undefined` if all work had finished
   */
  async stop(drainMs: number): Promise<Unfinished | undefined> {
    this.#stopping = true;
    this.#child.kill("SIGTERM");
    let unfinished: Unfinished | undefined;
    const timer = setTimeout(async () => {
      const tooLate = pause(LAST_PING_TIMEOUT_MS).then(() => undefined);
      unfinished = (await Promise.race([this.ping(), tooLate])) ?? { requests: 0, tasks: 0 };
      this.#killGroup();
    }, drainMs - LAST_PING_TIMEOUT_MS);
    await this.exited;
    clearTimeout(timer);
    return unfinished;
  }

  /** Kills the process and its children immediately. */
  async kill(): Promise<void> {
    this.#stopping = true;
    this.#killGroup();
    await this.exited;
  }

  #killGroup(): void {
    const { pid } = this.#child;
    try {
      // The process leads its own group, which contains the programs that the function has started.
      if (pid !== undefined) process.kill(-pid, "SIGKILL");
    } catch {
      this.#child.kill("SIGKILL");
    }
  }

  #receive(line: string): void {
    const message = controlMessage(line);
    switch (message?.event) {
      case "loaded":
        this.#files = message.files;
        break;
      case "ready":
        this.#started.resolve();
        break;
      case "failed":
        this.#started.reject(new FunctionStartError(message.message, message));
        break;
      case "error":
        this.#onError(message);
        break;
      case "pong":
        this.#pong?.(message);
        break;
    }
  }
}

/**
 * Parses a line. Returns `undefined` for anything but a message of our own code: the function can write there
 * too.
 */
function controlMessage(line: string): ControlMessage | undefined {
  const { event, files, message, stack, request, ...counts } = objectIn(line) ?? {};
  const paths = Array.isArray(files) && files.every((file) => typeof file === "string") ? files : undefined;
  const trace = typeof stack === "string" ? { stack } : {};
  if (event === "ready") return { event };
  if (event === "loaded" && paths !== undefined) return { event, files: paths };
  if (event === "pong" && isWork(counts)) return { event, ...counts };
  if (event === "error" && typeof message === "string") {
    return { event, message, ...trace, ...(isRequestId(request) ? { request } : {}) };
  }
  if (event === "failed" && typeof message === "string") {
    return { event, message, ...trace, ...(paths === undefined ? {} : { files: paths }) };
  }
  return undefined;
}

function isWork(counts: object): counts is Work {
  const { requests, tasks, abandoned } = counts as Partial<Work>;
  return [requests, tasks, abandoned].every((count) => typeof count === "number");
}

/** A function's process did not start to serve, usually because of an error in the function. */
export class FunctionStartError extends FunctionError {
  /** The files in which an edit may fix it. */
  readonly files: readonly string[];

  constructor(message: string, { stack, files = [], hint }: FunctionStartErrorOptions = {}) {
    super(message, { hint, ...(stack === undefined || stack === "" ? {} : { frames: stack }) });
    this.files = files;
  }
}

interface FunctionStartErrorOptions {
  readonly stack?: string;
  readonly files?: readonly string[];
  readonly hint?: string | undefined;
}

/** Measures the process's own time, because the function is not at fault on a busy machine. */
function within<T>(pid: number, msMax: number, awaited: Promise<T>): Promise<T | typeof TOO_LONG> {
  return withinProcessTime(awaited, { pid, msMax, counts: "able" });
}

interface PromiseWithReject {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

function promiseWithReject(): PromiseWithReject {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  // It is rejected at the end of every process, but only a start awaits it.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
