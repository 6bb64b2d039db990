import type { ChildProcess } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { FunctionError } from "../../failure/function-error.js";
import { workerdPath } from "../config/workerd-package.js";
import { CONTROL_TIMEOUT_MS, CUT_OFF_REPORT_MS, DRAIN_TIMEOUT_MS, STARTUP_LINES_MAX } from "../limits.js";
import { objectIn, readLines } from "../observe/lines.js";
import { isOwnLine } from "../observe/workerd-log.js";
import {
  describeEnd,
  describeStartError,
  type Exit,
  enforceMemory,
  LastComplaint,
} from "../resources/exit.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import { TOO_LONG, withinProcessTime } from "../resources/process-time.js";
import { spawnError, spawnLimited } from "../resources/spawn-limited.js";
import type { AcceptingSocket } from "./listen-socket.js";
import type { OrphanGuard } from "./orphan-guard.js";
import { type PrivateFile, writePrivateFile } from "./private-file.js";
import { CONTROL_SOCKET, HTTP_SOCKET } from "./workerd-config.js";

export interface WorkerdOptions {
  /** In Cap'n Proto's text form, with the sockets {@link HTTP_SOCKET} and {@link CONTROL_SOCKET}. */
  readonly config: string;
  readonly socket: AcceptingSocket;
  /** Which of those that share the port it is, from 0. */
  readonly index: number;
  /** How much of its own time it may take until it listens, in milliseconds. */
  readonly startMsMax: number;
  readonly memory: MemoryLimit;
  readonly guard: OrphanGuard;
  /** Aborted, it ends a process that is just starting. */
  readonly signal: AbortSignal;
  /** Each line that workerd writes: its log, and the functions' console. */
  readonly onLine: (line: string) => void;
}

const CONTROL_FD = 3;
const SOCKET_FD = 5;

/** One running workerd. */
export class WorkerdProcess {
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ports: ReadonlyMap<string, number>;
  #stopping = false;

  private constructor(
    child: ChildProcess,
    pid: number,
    exited: Promise<Exit>,
    ports: ReadonlyMap<string, number>,
  ) {
    this.#child = child;
    this.pid = pid;
    this.exited = exited;
    this.#ports = ports;
  }

  /**
   * Starts workerd and resolves when it listens.
   *
   * @throws FunctionError with what workerd says when it does not come to that
   */
  static async start({
    config,
    socket,
    index,
    startMsMax,
    memory,
    guard,
    signal,
    onLine,
  }: WorkerdOptions): Promise<WorkerdProcess> {
    const file = privateFile(config);
    try {
      const child = spawnWorkerd(file, socket, { index, memory });
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
      const ports = await listeningPorts(child, { pid, exited, startup, startMsMax, memory }).finally(() =>
        signal.removeEventListener("abort", giveUp),
      );
      listening = true;
      return new WorkerdProcess(child, pid, exited, ports);
    } finally {
      file.close();
    }
  }

  /** Whether {@link stop} was called: its end is then no crash. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /**
   * Shuts the gate in front of the functions; resolves when the requests that came in all wait there. Call the
   * result to let them through.
   */
  holdRequests(secret: string): Promise<() => void> {
    return this.#hold(`/${secret}`);
  }

  /** The same before {@link startToStop}; it then lives until the work after its responses has finished. */
  holdToStop(secret: string, drainMs: number = DRAIN_TIMEOUT_MS): Promise<() => void> {
    return this.#hold(`/${secret}?finish=${Math.max(0, drainMs - CUT_OFF_REPORT_MS)}`);
  }

  async #hold(path: string): Promise<() => void> {
    const hold = request({
      host: "127.0.0.1",
      port: this.#ports.get(CONTROL_SOCKET),
      method: "POST",
      path,
      agent: false,
      headers: { "Transfer-Encoding": "chunked" },
    });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CONTROL_TIMEOUT_MS);
      hold.on("response", (response) => {
        response.resume();
        response.on("error", () => undefined);
        response.once("data", () => resolve());
      });
      // A process that is gone holds nothing.
      hold.on("error", () => resolve());
      hold.on("close", () => clearTimeout(timer));
      hold.flushHeaders();
    });
    return () => hold.end();
  }

  /** Lets `Date` in its functions show another time. `false`: it kept silent; one that is gone need not know. */
  async showTime(secret: string, nowMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const tell = request({
        host: "127.0.0.1",
        port: this.#ports.get(CONTROL_SOCKET),
        method: "POST",
        path: `/${secret}/clock`,
        agent: false,
      });
      const timer = setTimeout(() => {
        resolve(false);
        tell.destroy();
      }, CONTROL_TIMEOUT_MS);
      tell.on("response", (response) => response.resume());
      tell.on("error", () => undefined);
      tell.on("close", () => {
        clearTimeout(timer);
        resolve(true);
      });
      tell.end(String(nowMs));
    });
  }

  /** Whether it has computed for so long, in milliseconds of its CPU time, without answering anything meanwhile. */
  async computesFor(msMax: number): Promise<boolean> {
    const asked = request({ host: "127.0.0.1", port: this.#ports.get(CONTROL_SOCKET), agent: false });
    asked.on("response", (response) => response.resume());
    asked.on("error", () => undefined);
    // One that is gone closes it as well.
    const answered = new Promise((resolve) => asked.on("close", resolve));
    asked.end();
    const outcome = await withinProcessTime(answered, { pid: this.pid, msMax, counts: "computing" });
    asked.destroy();
    return outcome === TOO_LONG;
  }

  /** Ends it at once; its end counts as a crash. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Begins to stop: no more connections, but the requests under way. Resolves when workerd has taken notice. */
  async startToStop(): Promise<void> {
    this.#stopping = true;
    // It then closes the connections that are idle, so one of ours tells when.
    const closed = await idleConnection(this.#ports.get(CONTROL_SOCKET) as number);
    this.#child.kill("SIGTERM");
    await closed();
  }

  /**
   * Takes no more connections, and finishes the requests under way and the work after their responses.
   *
   * @returns when the process has ended: whether it did so by itself
   */
  async stop(secret: string, drainMs: number = DRAIN_TIMEOUT_MS): Promise<boolean> {
    let inTime = true;
    const timer = setTimeout(() => {
      inTime = false;
      this.#child.kill("SIGKILL");
    }, drainMs);
    if (!this.#stopping) await this.#stopGently(secret, drainMs);
    await this.exited;
    clearTimeout(timer);
    return inTime;
  }

  async #stopGently(secret: string, drainMs: number): Promise<void> {
    this.#stopping = true;
    const release = await this.holdToStop(secret, drainMs);
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
  socket: AcceptingSocket,
  { index, memory }: Pick<WorkerdOptions, "index" | "memory">,
): ChildProcess {
  const fd = socket.fds?.[index % socket.fds.length];
  const address =
    fd === undefined
      ? `--socket-addr=${HTTP_SOCKET}=${socket.address}`
      : `--socket-fd=${HTTP_SOCKET}=${SOCKET_FD}`;
  const args = ["serve", file.path, address, `--control-fd=${CONTROL_FD}`];
  return spawnLimited(
    { command: workerdPath(), args, memory },
    {
      stdio: ["ignore", "pipe", "pipe", "pipe", file.fd ?? "ignore", fd ?? "ignore"],
      // Ctrl-C is for Kvasir, which then lets requests finish; a terminal would send it to workerd as well.
      detached: true,
      env: workerdEnvironment(),
    },
  );
}

function endOf(child: ChildProcess): Promise<Exit> {
  // Of a signal that could not be sent, say: only the end of the process matters.
  child.on("error", () => undefined);
  return new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal })));
}

/** A connection with one request answered, and nothing under way; the result waits until it is closed. */
async function idleConnection(port: number): Promise<() => Promise<void>> {
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
    socket.setTimeout(CONTROL_TIMEOUT_MS, () => socket.destroy());
    socket.on("error", () => undefined);
  });
  socket.write("GET / HTTP/1.1\r\nHost: kvasir\r\n\r\n");
  await Promise.race([closed, new Promise((resolve) => socket.once("data", resolve))]);
  socket.resume();
  return () => closed;
}

async function listeningPorts(
  child: ChildProcess,
  start: {
    readonly pid: number;
    readonly exited: Promise<Exit>;
    readonly startup: readonly string[];
    readonly startMsMax: number;
    readonly memory: MemoryLimit;
  },
) {
  const { pid, exited, startup, startMsMax, memory } = start;
  const ports = new Map<string, number>();
  const listens = new Promise<"listening">((resolve) => {
    readLines(child.stdio[CONTROL_FD] as Readable, (line) => {
      const { event, socket, port } = objectIn(line) ?? {};
      if (event !== "listen") return;
      ports.set(String(socket), Number(port));
      if (ports.has(HTTP_SOCKET) && ports.has(CONTROL_SOCKET)) resolve("listening");
    });
  });
  const outcome = await withinProcessTime(Promise.race([listens, exited]), {
    pid,
    msMax: startMsMax,
    counts: "able",
  });
  if (outcome === "listening") return ports;
  if (outcome !== TOO_LONG) throw exitError(outcome, memory, startup);
  child.kill("SIGKILL");
  throw lateError(startMsMax, startup);
}

/** workerd ended, or said nothing, before it listened. */
export class WorkerdStartError extends FunctionError {
  /** What it wrote, line by line. */
  readonly lines: readonly string[];
  /** The message says what a function did wrong; otherwise the lines may. */
  readonly saysWhy: boolean;

  constructor(
    message: string,
    options: {
      readonly lines: readonly string[];
      readonly saysWhy: boolean;
      readonly hint?: string | undefined;
    },
  ) {
    super(message, options.hint === undefined ? {} : { hint: options.hint });
    this.lines = options.lines;
    this.saysWhy = options.saysWhy;
  }
}

function lateError(startMsMax: number, lines: readonly string[]): WorkerdStartError {
  return new WorkerdStartError(`The functions did not start within ${startMsMax / 1000} s.`, {
    lines,
    saysWhy: true,
    hint: "Look for a loop that does not end in code outside of functions, which runs at the start.",
  });
}

function exitError(exit: Exit, memory: MemoryLimit, lines: readonly string[]): WorkerdStartError {
  const { text, hint } = describeEnd(exit, memory);
  const message = `workerd ended while it started: it ${text}. ${lines.slice(0, 3).join(" ")}`;
  return new WorkerdStartError(message.trim(), { lines, saysWhy: hint !== undefined, hint });
}

function startError(error: NodeJS.ErrnoException): WorkerdStartError {
  const { text, hint } = describeStartError(error);
  return new WorkerdStartError(`workerd ${text}.`, { lines: [], saysWhy: false, hint });
}

/** Nothing of ours is for the functions' process to know; its own few switches are. */
function workerdEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "HOME"];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
