import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { FunctionError } from "../function-error.js";
import { CONTROL_TIMEOUT_MS, CUT_OFF_REPORT_MS, DRAIN_TIMEOUT_MS, STARTUP_LINES_MAX } from "../limits.js";
import { workerdPath } from "./binary.js";
import { objectIn, readLines } from "./lines.js";
import type { ListenSocket } from "./listen-socket.js";
import type { OrphanGuard } from "./orphan-guard.js";
import { writePrivateFile } from "./private-file.js";
import { CONTROL_SOCKET, HTTP_SOCKET } from "./workerd-config.js";

export interface WorkerdOptions {
  /** In Cap'n Proto's text form, with the sockets {@link HTTP_SOCKET} and {@link CONTROL_SOCKET}. */
  readonly config: string;
  readonly socket: ListenSocket;
  /** Which of those that share the port it is, from 0. */
  readonly index: number;
  /** How long it may take until it listens, in milliseconds. */
  readonly startMsMax: number;
  readonly guard: OrphanGuard;
  /** Aborted, it ends a process that is just starting. */
  readonly signal: AbortSignal;
  /** Each line that workerd writes: its log, and the functions' console. */
  readonly onLine: (line: string) => void;
}

/** Why a process is gone. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const CONTROL_FD = 3;
const SOCKET_FD = 5;

/** One running workerd. */
export class WorkerdProcess {
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #ports: ReadonlyMap<string, number>;
  #stopping = false;

  private constructor(child: ChildProcess, exited: Promise<Exit>, ports: ReadonlyMap<string, number>) {
    this.#child = child;
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
    guard,
    signal,
    onLine,
  }: WorkerdOptions): Promise<WorkerdProcess> {
    const file = writePrivateFile(config);
    const fd = socket.fds?.[index % socket.fds.length];
    const address =
      fd === undefined
        ? `--socket-addr=${HTTP_SOCKET}=${hostAndPort(socket)}`
        : `--socket-fd=${HTTP_SOCKET}=${SOCKET_FD}`;
    const child = spawn(workerdPath(), ["serve", file.path, address, `--control-fd=${CONTROL_FD}`], {
      stdio: ["ignore", "pipe", "pipe", "pipe", file.fd ?? "ignore", fd ?? "ignore"],
      // Ctrl-C is for Kvasir, which then lets requests finish; a terminal would send it to workerd as well.
      detached: true,
      env: workerdEnvironment(),
    });
    const exited = new Promise<Exit>((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal }));
      child.on("error", () => resolve({ code: null, signal: null }));
    });
    const { pid } = child;
    if (pid !== undefined) {
      guard.watch(pid);
      void exited.then(() => guard.forget(pid));
    }
    const startup: string[] = [];
    let listening = false;
    for (const stream of [child.stdout, child.stderr]) {
      readLines(stream as Readable, (line) => {
        if (!listening && startup.length < STARTUP_LINES_MAX) startup.push(line);
        onLine(line);
      });
    }
    const giveUp = () => child.kill("SIGKILL");
    signal.addEventListener("abort", giveUp);
    try {
      const ports = await listeningPorts(child, { exited, startup, startMsMax });
      listening = true;
      return new WorkerdProcess(child, exited, ports);
    } finally {
      signal.removeEventListener("abort", giveUp);
      file.close();
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
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

  /** Whether it does anything at all: `false` when it keeps silent for so long. One that is gone is not silent. */
  answersWithin(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const asked = request({ host: "127.0.0.1", port: this.#ports.get(CONTROL_SOCKET), agent: false });
      const timer = setTimeout(() => {
        resolve(false);
        asked.destroy();
      }, ms);
      asked.on("response", (response) => response.resume());
      asked.on("error", () => undefined);
      asked.on("close", () => {
        clearTimeout(timer);
        resolve(true);
      });
      asked.end();
    });
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
    readonly exited: Promise<Exit>;
    readonly startup: readonly string[];
    readonly startMsMax: number;
  },
) {
  const { exited, startup, startMsMax } = start;
  const ports = new Map<string, number>();
  const listens = new Promise<"listening">((resolve) => {
    readLines(child.stdio[CONTROL_FD] as Readable, (line) => {
      const { event, socket, port } = objectIn(line) ?? {};
      if (event !== "listen") return;
      ports.set(String(socket), Number(port));
      if (ports.has(HTTP_SOCKET) && ports.has(CONTROL_SOCKET)) resolve("listening");
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), startMsMax);
  });
  const outcome = await Promise.race([listens, exited, late]);
  clearTimeout(timer);
  if (outcome === "listening") return ports;
  if (outcome === "late") child.kill("SIGKILL");
  throw outcome === "late" ? lateError(startMsMax, startup) : exitError(outcome, startup);
}

/** workerd ended, or said nothing, before it listened. */
export class WorkerdStartError extends FunctionError {
  /** What it wrote, line by line. */
  readonly lines: readonly string[];
  /** It was still busy when its time was up. */
  readonly isLate: boolean;

  constructor(
    message: string,
    options: { readonly lines: readonly string[]; readonly isLate: boolean; readonly hint?: string },
  ) {
    super(message, options.hint === undefined ? {} : { hint: options.hint });
    this.lines = options.lines;
    this.isLate = options.isLate;
  }
}

function lateError(startMsMax: number, lines: readonly string[]): WorkerdStartError {
  return new WorkerdStartError(`The functions did not start within ${startMsMax / 1000} s.`, {
    lines,
    isLate: true,
    hint: "Look for a loop that does not end in code outside of functions, which runs at the start.",
  });
}

function exitError({ signal, code }: Exit, lines: readonly string[]): WorkerdStartError {
  const message = `workerd ended while it started (${signal ?? `code ${code}`}). ${lines.slice(0, 3).join(" ")}`;
  return new WorkerdStartError(message.trim(), { lines, isLate: false });
}

/** Nothing of ours is for the functions' process to know; its own few switches are. */
function workerdEnvironment(): NodeJS.ProcessEnv {
  const kept = ["PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "HOME"];
  return Object.fromEntries(
    kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}

function hostAndPort({ host, port }: ListenSocket): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
