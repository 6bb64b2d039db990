import type { ChildProcess } from "node:child_process";
import { request } from "node:http";
import type { Readable } from "node:stream";
import { RELOAD_PAGES_PATH } from "../../wire/live-reload.js";
import { workerdPath } from "../config/workerd-package.js";
import { CUT_OFF_REPORT_MS, DRAIN_TIMEOUT_MS, STARTUP_LINES_MAX } from "../limits.js";
import { objectIn, readLines } from "../observe/lines.js";
import { isOwnLine } from "../observe/workerd-log.js";
import { type Exit, enforceMemory, LastComplaint } from "../resources/exit.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import { TOO_LONG, withinProcessTime } from "../resources/process-time.js";
import { spawnError, spawnLimited } from "../resources/spawn-limited.js";
import { holdRequests, idleConnection, tell } from "./control-requests.js";
import type { OrphanGuard } from "./orphan-guard.js";
import { type PrivateFile, writePrivateFile } from "./private-file.js";
import { type ScheduledResult, type ScheduledRun, scheduledRequest } from "./scheduled-request.js";
import { exitError, lateError, startError } from "./start-error.js";
import { controlSocket, httpSocket } from "./workerd-config.js";

export interface WorkerdOptions {
  /** In Cap'n Proto's text form, with the sockets that {@link httpSocket} and {@link controlSocket} name. */
  readonly config: string;
  /** What it accepts from, in the order of its HTTP sockets. */
  readonly listeners: readonly Listener[];
  /** How many control sockets it has. */
  readonly controls: number;
  /** Whether debuggers can attach to it. */
  readonly inspected: boolean;
  /** How long it may take until it listens, in milliseconds of its own time. */
  readonly startMsMax: number;
  readonly memory: MemoryLimit;
  readonly guard: OrphanGuard;
  /** When aborted, ends a process that is still starting. */
  readonly signal: AbortSignal;
  /** Receives each line that workerd writes: its log and the console output of functions. */
  readonly onLine: (line: string) => void;
}

/** A descriptor to inherit or, without one, an address to bind. */
export interface Listener {
  readonly address: string;
  readonly fd: number | undefined;
}

export interface StopOptions {
  /** How long requests in flight and background work may take, in milliseconds. @default 4,000 */
  readonly drainMs?: number | undefined;
  /** Whether another process serves in its place. @default false */
  readonly replaced?: boolean | undefined;
}

const CONTROL_FD = 3;
const FIRST_SOCKET_FD = 5;
/** The event that names the inspector's port. It names no socket. */
const INSPECTOR_EVENT = "listen-inspector";

/** One running workerd. */
export class WorkerdProcess {
  /** Resolves when the process has ended for any reason. */
  readonly exited: Promise<Exit>;
  readonly pid: number;
  /** Where its inspector listens. `undefined` if it has none. */
  readonly inspectorPort: number | undefined;
  readonly #child: ChildProcess;
  /** The ports of the control sockets. */
  readonly #ports: ControlPorts;
  #stopping = false;

  private constructor(child: ChildProcess, pid: number, exited: Promise<Exit>, ports: ListeningPorts) {
    this.#child = child;
    this.pid = pid;
    this.exited = exited;
    this.#ports = ports.controls;
    this.inspectorPort = ports.inspector;
  }

  /**
   * Starts workerd. Resolves when it listens.
   *
   * @throws FunctionError with workerd's message if it does not start
   */
  static async start({
    config,
    listeners,
    controls,
    inspected,
    startMsMax,
    memory,
    guard,
    signal,
    onLine,
  }: WorkerdOptions): Promise<WorkerdProcess> {
    const file = privateFile(config);
    try {
      const child = spawnWorkerd(file, { listeners, inspected, memory });
      const { pid } = child;
      if (pid === undefined) throw startError(await spawnError(child));
      const complaint = new LastComplaint();
      const ended = endOf(child).then((exit) => ({ ...exit, lacked: complaint.lacked }));
      const exited = enforceMemory(ended, { pid, memory, kill: () => child.kill("SIGKILL") });
      guard.watch(pid);
      void exited.then(() => guard.forget(pid));
      const startup: string[] = [];
      let listening = false;
      for (const stream of [child.stdout, child.stderr]) {
        readLines(stream as Readable, (line) => {
          if (!listening && startup.length < STARTUP_LINES_MAX) startup.push(line);
          if (isOwnLine(line)) complaint.hear(line);
          onLine(line);
        });
      }
      const giveUp = () => child.kill("SIGKILL");
      signal.addEventListener("abort", giveUp);
      const ports = await listeningPorts(child, {
        pid,
        exited,
        startup,
        startMsMax,
        memory,
        sockets: { http: listeners.length, control: controls, inspector: inspected ? 1 : 0 },
      }).finally(() => signal.removeEventListener("abort", giveUp));
      listening = true;
      return new WorkerdProcess(child, pid, exited, ports);
    } finally {
      file.close();
    }
  }

  /** Whether {@link stop} was called. Its end is then not a crash. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /**
   * Closes the gate in front of the functions. Resolves when all arriving requests wait there. Call
   * the result to let them through.
   */
  holdRequests(secret: string): Promise<() => void> {
    return this.#hold(`/${secret}`);
  }

  /** The same before {@link startToStop}. The process then lives until its background work has finished. */
  holdToStop(
    secret: string,
    { drainMs = DRAIN_TIMEOUT_MS, replaced = false }: StopOptions = {},
  ): Promise<() => void> {
    const finishMs = Math.max(0, drainMs - CUT_OFF_REPORT_MS);
    return this.#hold(`/${secret}?finish=${finishMs}${replaced ? "&replaced" : ""}`);
  }

  async #hold(path: string): Promise<() => void> {
    const releases = await Promise.all(this.#ports.map((port) => holdRequests(port, path)));
    return () => {
      for (const release of releases) release();
    };
  }

  /**
   * Makes `Date` in its functions show another time. Returns `false` if it did not respond. A process
   * that has ended counts as done.
   */
  async showTime(secret: string, nowMs: number): Promise<boolean> {
    const shown = await Promise.all(
      this.#ports.map((port) => tell({ port, path: `/${secret}/clock`, body: String(nowMs) })),
    );
    return shown.every((done) => done);
  }

  /**
   * Runs the `scheduled` handler of one of its functions once. Returns `undefined` if the process ended before.
   *
   * @param at the index of the function in the config
   */
  trigger(at: number, secret: string, run: ScheduledRun): Promise<ScheduledResult | undefined> {
    return scheduledRequest({ port: this.#ports[at], secret }, run);
  }

  /** Makes pages reload that its functions have served. A process that has ended counts as done. */
  async reloadPages(secret: string): Promise<void> {
    await Promise.all(this.#ports.map((port) => tell({ port, path: `/${secret}/${RELOAD_PAGES_PATH}` })));
  }

  /** Whether it has used this much CPU time, in milliseconds, without responding to a request. */
  async computesFor(msMax: number): Promise<boolean> {
    const asked = request({ host: "127.0.0.1", port: this.#ports[0], agent: false });
    asked.on("response", (response) => response.resume());
    asked.on("error", () => undefined);
    // The connection also closes when the process has ended.
    const answered = new Promise((resolve) => asked.on("close", resolve));
    asked.end();
    const outcome = await withinProcessTime(answered, { pid: this.pid, msMax, counts: "computing" });
    asked.destroy();
    return outcome === TOO_LONG;
  }

  /** Kills the process immediately. This counts as a crash. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /**
   * Begins to stop: requests in flight continue, new connections are refused.
   * Resolves when workerd has noticed.
   */
  async startToStop(): Promise<void> {
    this.#stopping = true;
    // On SIGTERM workerd closes idle connections. When it closes ours, it has noticed.
    const closed = await idleConnection(this.#ports[0]);
    this.#child.kill("SIGTERM");
    await closed();
  }

  /**
   * Stops accepting connections, and lets requests in flight and their background work finish.
   *
   * @returns after the process has ended: whether it ended by itself
   */
  async stop(secret: string, { drainMs = DRAIN_TIMEOUT_MS, replaced }: StopOptions = {}): Promise<boolean> {
    let inTime = true;
    const timer = setTimeout(() => {
      inTime = false;
      this.#child.kill("SIGKILL");
    }, drainMs);
    if (!this.#stopping) await this.#stopGently(secret, { drainMs, replaced });
    await this.exited;
    clearTimeout(timer);
    return inTime;
  }

  async #stopGently(secret: string, options: StopOptions): Promise<void> {
    this.#stopping = true;
    const release = await this.holdToStop(secret, options);
    await this.startToStop();
    release();
  }
}

function privateFile(config: string): PrivateFile {
  try {
    return writePrivateFile(config);
  } catch (error) {
    throw startError(error as NodeJS.ErrnoException);
  }
}

function spawnWorkerd(
  file: PrivateFile,
  { listeners, inspected, memory }: Pick<WorkerdOptions, "listeners" | "inspected" | "memory">,
): ChildProcess {
  const addresses = listeners.map(({ address, fd }, at) =>
    fd === undefined
      ? `--socket-addr=${httpSocket(at)}=${address}`
      : `--socket-fd=${httpSocket(at)}=${FIRST_SOCKET_FD + at}`,
  );
  const fds = listeners.map(({ fd }) => fd ?? ("ignore" as const));
  const inspector = inspected ? ["--inspector-addr=127.0.0.1:0"] : [];
  const args = ["serve", file.path, ...addresses, ...inspector, `--control-fd=${CONTROL_FD}`];
  return spawnLimited(
    { command: workerdPath(), args, memory },
    {
      stdio: ["ignore", "pipe", "pipe", "pipe", file.fd ?? "ignore", ...fds],
      // In a group of its own: a terminal would send Ctrl-C to workerd too, but
      // Kvasir must drain requests first.
      detached: true,
      env: workerdEnvironment(),
    },
  );
}

function endOf(child: ChildProcess): Promise<Exit> {
  // For example a signal that could not be sent. Only the end of the process matters.
  child.on("error", () => undefined);
  return new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal })));
}

type ControlPorts = readonly [number, ...number[]];

interface ListeningPorts {
  readonly controls: ControlPorts;
  readonly inspector: number | undefined;
}

async function listeningPorts(
  child: ChildProcess,
  start: {
    readonly pid: number;
    readonly exited: Promise<Exit>;
    readonly startup: readonly string[];
    readonly startMsMax: number;
    readonly memory: MemoryLimit;
    readonly sockets: { readonly http: number; readonly control: number; readonly inspector: number };
  },
): Promise<ListeningPorts> {
  const { pid, exited, startup, startMsMax, memory, sockets } = start;
  const controls = Array.from({ length: sockets.control }, (_, at) => controlSocket(at));
  const ports = new Map<string, number>();
  const listens = new Promise<"listening">((resolve) => {
    readLines(child.stdio[CONTROL_FD] as Readable, (line) => {
      const { event, socket, port } = objectIn(line) ?? {};
      if (event !== "listen" && event !== INSPECTOR_EVENT) return;
      ports.set(event === "listen" ? String(socket) : INSPECTOR_EVENT, Number(port));
      if (ports.size === sockets.http + sockets.control + sockets.inspector) resolve("listening");
    });
  });
  const outcome = await withinProcessTime(Promise.race([listens, exited]), {
    pid,
    msMax: startMsMax,
    counts: "able",
  });
  if (outcome === "listening") {
    return {
      controls: controls.map((name) => ports.get(name)) as unknown as ControlPorts,
      inspector: ports.get(INSPECTOR_EVENT),
    };
  }
  if (outcome !== TOO_LONG) throw exitError(outcome, memory, startup);
  child.kill("SIGKILL");
  throw lateError(startMsMax, startup);
}

/**
 * Passes on only the few variables that workerd itself uses. Kvasir's own variables must not reach functions.
 */
function workerdEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "HOME"];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
