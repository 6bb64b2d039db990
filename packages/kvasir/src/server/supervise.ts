import cluster, { type ClusterSettings, type Worker } from "node:cluster";
import type { EventSink } from "../events/events.js";
import { Failure } from "../failure/failure.js";
import type { AcceptingSocket, InheritedSocket, ListenSocket } from "../functions/workerd/listen-socket.js";
import { UnexpectedExceptions } from "../http/unexpected-exceptions.js";
import type { FunctionsEndpoint } from "../wire/functions-wire.js";
import { checkInChild } from "./check-process.js";
import { FAILED_START_MS_MAX, RESTART_MS_MAX, RESTART_MS_MIN, STABLE_AFTER_MS } from "./limits.js";
import type { Addresses, PrimaryMessage, ServeSettings, WorkerMessage } from "./messages.js";
import { MetricsRelay } from "./metrics-relay.js";
import { SafetyNet } from "./safety-net.js";
import { closeInTime } from "./shutdown.js";

/** The first descriptor after the standard streams and the channel to the worker. */
const FIRST_INHERITED_FD = 4;

export interface SupervisorOptions {
  readonly workers: number;
  readonly adminToken: string | undefined;
  readonly settings: ServeSettings;
  /** The host on which the functions listen. */
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  readonly onEvent: EventSink;
  /** Called with the reason if restarting workers makes no sense. */
  readonly onHopeless: (failure: Failure) => void;
}

/** The running workers. */
export interface SupervisedServer extends Addresses {
  close(): Promise<void>;
}

/**
 * Starts the workers, which share the API's port, and restarts those that end unexpectedly. The first worker
 * also runs the functions, in as many workerd processes as there are workers. Each workerd reaches the data
 * through one worker.
 */
export async function supervise(options: SupervisorOptions): Promise<SupervisedServer> {
  const socket = await openFunctionsSocket(options);
  const unexpected = new UnexpectedExceptions(options.onEvent);
  const supervisor = new Supervisor({ ...options, unexpected }, socket);
  // This process serves no requests, so an exception never belongs to one.
  const net = SafetyNet.install(unexpected, options.onEvent);
  const close = async () => {
    await supervisor.close();
    net.remove();
  };
  try {
    const [first] = await supervisor.start();
    net.started();
    const { api = "", functions } = first ?? {};
    return { api, functions, close };
  } catch (error) {
    await closeInTime(close, FAILED_START_MS_MAX);
    throw error;
  }
}

type Ready = Extract<WorkerMessage, { type: "ready" }>;

/** The port outlives the worker that runs the functions. Requests wait in it while another worker starts. */
async function openFunctionsSocket(options: SupervisorOptions): Promise<ListenSocket | undefined> {
  const { settings, workers, host, port } = options;
  if (settings.paths.length === 0) return undefined;
  const { openListenSocket } = await import("../functions/workerd/listen-socket.js");
  const socket = await openListenSocket(host, port, workers);
  const stdio = ["inherit", "inherit", "inherit", "ipc", ...(socket.fds ?? [])];
  // The types do not allow descriptors here, but child_process accepts them.
  cluster.setupPrimary({ stdio: stdio as NonNullable<ClusterSettings["stdio"]> });
  return socket;
}

class Supervisor {
  readonly #options: SupervisorOptions & { readonly unexpected: UnexpectedExceptions };
  readonly #socket: ListenSocket | undefined;
  /** The workers that accept connections on the API's port. */
  readonly #listening = new Set<Worker>();
  #apiPort: number;
  /** The API's URL that was printed. */
  #api: string | undefined;
  /** For each worker, a promise that resolves when it listens to messages. */
  readonly #running = new Map<Worker, Promise<void>>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  /**
   * The endpoints through which functions reach the data, by the worker's index. The first worker knows its
   * own.
   */
  readonly #endpoints = new Map<number, FunctionsEndpoint>();
  readonly #metrics = new MetricsRelay();
  /** The worker that runs the functions. */
  #host: Worker | undefined;
  /** Whether all workers have been ready once. */
  #started = false;
  /** Whether the functions have run once. While they are started again, requests to them wait. */
  #functionsRun = false;
  #closing = false;
  #looking = false;

  constructor(
    options: SupervisorOptions & { readonly unexpected: UnexpectedExceptions },
    socket: ListenSocket | undefined,
  ) {
    this.#options = options;
    this.#socket = socket;
    this.#apiPort = options.settings.apiPort;
  }

  async start(): Promise<Ready[]> {
    const indexes = Array.from({ length: this.#options.workers }, (_, index) => index);
    const [first, ...others] = indexes.map(async (index) => {
      const { worker, ready } = this.#fork(index);
      const message = await ready;
      this.#restartWhenItEnds(worker, index, 0);
      return message;
    });
    // The functions of the first worker start when it knows all other workers.
    first?.catch(() => {});
    const ready = await Promise.all(others);
    this.#started = true;
    this.#tellEndpoints();
    const firstReady = (await first) as Ready;
    this.#functionsRun = true;
    for (const worker of this.#running.keys()) send(worker, { type: "functionsRun" });
    return [firstReady, ...ready];
  }

  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    const all = Array.from(this.#running);
    const hosts = all.filter(([worker]) => worker === this.#host);
    const others = all.filter(([worker]) => worker !== this.#host);
    // Functions finish their requests first and need the other workers for that.
    for (const [worker] of others) send(worker, { type: "closePort" });
    for (const group of [hosts, others]) {
      await Promise.all(group.map(([worker, listening]) => stop(worker, listening)));
    }
    await this.#socket?.close();
  }

  #fork(index: number): { worker: Worker; ready: Promise<Ready> } {
    const worker = cluster.fork();
    const listening = listeningOf(worker);
    this.#running.set(worker, listening);
    // Also handles the error of a failed fork, which would otherwise end this process and all workers with
    // it.
    worker.on("error", ({ message }) => {
      this.#options.onEvent({ event: "error", message: `Worker process ${index + 1}: ${message}` });
    });
    worker.on("listening", () => this.#listening.add(worker));
    worker.once("exit", () => {
      this.#running.delete(worker);
      this.#listening.delete(worker);
      this.#metrics.ended(worker.id);
      this.#keepApiPort();
      if (this.#endpoints.delete(index)) this.#tellEndpoints();
    });
    worker.on("message", (message: WorkerMessage) => {
      if (message.type === "askMetrics") void this.#gatherMetrics(worker, message);
      if (message.type === "metrics") this.#metrics.answered(message.id, worker.id, message.snapshot);
    });
    void listening.then(() => send(worker, this.#startOrder(index)));
    const ready = readyOf(worker);
    ready.then(
      ({ api, endpoint }) => {
        this.#api ??= api;
        // The worker asked for a free port just when the last of the others released theirs.
        if (api !== this.#api) worker.process.kill("SIGKILL");
        if (this.#functionsRun) send(worker, { type: "functionsRun" });
        if (endpoint === undefined) return;
        this.#endpoints.set(index, endpoint);
        this.#tellEndpoints();
      },
      () => {},
    );
    if (index === 0) {
      this.#host = worker;
      this.#tellEndpoints();
    }
    return { worker, ready };
  }

  /** While one worker listens, new ones share its port. When none does, port 0 would give another one. */
  #keepApiPort(): void {
    if (this.#apiPort !== 0 || this.#listening.size > 0 || this.#api === undefined) return;
    this.#apiPort = Number(new URL(this.#api).port);
  }

  #tellEndpoints(): void {
    const host = this.#host;
    if (!this.#started || this.#closing || host === undefined) return;
    const endpoints = [...this.#endpoints].sort(([a], [b]) => a - b).map(([, endpoint]) => endpoint);
    void this.#running.get(host)?.then(() => send(host, { type: "endpoints", endpoints }));
  }

  async #gatherMetrics(
    asking: Worker,
    { id, snapshot }: Extract<WorkerMessage, { type: "askMetrics" }>,
  ): Promise<void> {
    const own = { worker: asking.id, snapshot };
    const gathered = await this.#metrics.gather(own, this.#options.workers - 1, (gathering) => {
      for (const worker of this.#running.keys()) {
        if (worker !== asking) send(worker, { type: "reportMetrics", id: gathering });
      }
    });
    const supervisorExceptions = this.#options.unexpected.total;
    send(asking, { type: "otherMetrics", id, ...gathered, supervisorExceptions });
  }

  #startOrder(index: number): PrimaryMessage {
    const { adminToken, settings } = this.#options;
    return {
      type: "start",
      runsFunctions: index === 0,
      settings: { ...settings, apiPort: this.#apiPort, functionsSocket: this.#inheritedSocket() },
      worker: index + 1,
      ...(adminToken === undefined ? {} : { adminToken }),
    };
  }

  #inheritedSocket(): InheritedSocket | undefined {
    if (this.#socket === undefined) return undefined;
    const { address, port, fds } = this.#socket;
    const inherited = fds?.map((_, at) => FIRST_INHERITED_FD + at) as AcceptingSocket["fds"];
    return { address, port, fds: inherited };
  }

  #restartWhenItEnds(worker: Worker, index: number, crashesBefore: number): void {
    const startedMs = Date.now();
    const restart = (code: number | null, signal: string | null) => {
      if (this.#closing) return;
      const crashes = Date.now() - startedMs >= STABLE_AFTER_MS ? 0 : crashesBefore;
      const waitMs = Math.min(RESTART_MS_MAX, RESTART_MS_MIN * 2 ** crashes);
      this.#options.onEvent({
        event: "error",
        message: `Worker process ${index + 1} ended (${signal ?? `code ${code}`}); starting another in ${waitMs} ms`,
      });
      if (crashes > 0 && signal !== null && MEMORY_FAULTS.has(signal)) void this.#giveUpIfDamaged();
      const timer = setTimeout(() => {
        this.#restarts.delete(timer);
        const next = this.#fork(index);
        next.ready.catch(({ message }: Error) => this.#options.onEvent({ event: "error", message }));
        this.#restartWhenItEnds(next.worker, index, crashes + 1);
      }, waitMs);
      this.#restarts.add(timer);
    };
    if (worker.isDead()) restart(worker.process.exitCode, worker.process.signalCode);
    else worker.once("exit", restart);
  }

  /** Stops restarts if the data file is damaged, because it would crash every new worker. */
  async #giveUpIfDamaged(): Promise<void> {
    const {
      settings: {
        data: { locator, directory },
      },
      onHopeless,
    } = this.#options;
    // Data in a cluster crash no reader.
    if (this.#looking || locator !== directory) return;
    this.#looking = true;
    const outcome = await checkInChild(directory);
    this.#looking = false;
    if (this.#closing || outcome.type !== "checked" || outcome.report.readable) return;
    const [problem] = outcome.report.problems;
    onHopeless(
      new Failure(`The data in ${directory} are damaged: ${problem?.message}`, {
        hint: `See \`kvasir check --data ${directory}\`, and restore the directory from a backup.`,
      }),
    );
  }
}

/** The signals that end a process that reads a damaged data file. */
const MEMORY_FAULTS: ReadonlySet<string> = new Set(["SIGSEGV", "SIGBUS", "SIGABRT"]);

/** Never resolves for a worker that ends before it listens. Its `exit` event reports that. */
function listeningOf(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.on("message", (message: WorkerMessage) => {
      if (message.type === "listening") resolve();
    });
  });
}

function readyOf(worker: Worker): Promise<Ready> {
  return new Promise((resolve, reject) => {
    worker.on("message", (message: WorkerMessage) => {
      if (message.type === "ready") resolve(message);
      if (message.type === "failed") reject(new Failure(message.message, { hint: message.hint }));
    });
    worker.once("exit", (code, signal) => {
      reject(
        new Failure(`A worker process ended while it started (${signal ?? `code ${code}`}).`, {
          hint: "Its own message is above; --workers 1 runs without them.",
        }),
      );
    });
  });
}

async function stop(worker: Worker, listening: Promise<void>): Promise<void> {
  if (worker.isDead()) return;
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  void listening.then(() => send(worker, { type: "stop" }));
  await ended;
}

function send(worker: Worker, message: PrimaryMessage): void {
  // The worker may be gone by now. Its `exit` event reports that.
  if (worker.isConnected()) worker.send(message, () => {});
}
