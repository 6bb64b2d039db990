import { randomBytes } from "node:crypto";
import { KvError } from "@kvasir/client";
import type { EventSink } from "../events.js";
import type { FunctionsEndpoint } from "../http/functions-endpoint.js";
import type { Diagnostic } from "./bundle/diagnostic.js";
import { FileWatcher } from "./file-watcher.js";
import { FunctionError } from "./function-error.js";
import { BUSY_MS_MAX, CLOSE_MS_MAX, PROCESS_CLOSE_MS_MIN, START_MS_MAX } from "./limits.js";
import { type StartFailure, startFailure } from "./observe/start-failure.js";
import { workerdLog } from "./observe/workerd-log.js";
import type { RunnableSource } from "./runnable-source.js";
import type { RunningFunctions, StartFunctionsOptions } from "./start-functions.js";
import type { ListenSocket } from "./workerd/listen-socket.js";
import { WorkerdSupervisor } from "./workerd/supervisor.js";
import { workerdConfig } from "./workerd/workerd-config.js";
import { WorkerdStartError } from "./workerd/workerd-process.js";

export interface FunctionHostOptions extends StartFunctionsOptions {
  readonly socket: ListenSocket;
  readonly endpoints: readonly FunctionsEndpoint[];
}

/** Functions that run: built, started, rebuilt when their files change, reported on. */
export class FunctionHost implements RunningFunctions {
  readonly url: string;
  readonly #sources: readonly RunnableSource[];
  readonly #options: FunctionHostOptions;
  readonly #supervisor: WorkerdSupervisor;
  readonly #secret = randomBytes(16).toString("hex");
  readonly #ensured = new Set<string>();
  #endpoints: readonly FunctionsEndpoint[];
  readonly #unfollow: (() => void) | undefined;
  #watcher: FileWatcher | undefined;
  #changed = new Set<string>();
  #reloading: Promise<void> | undefined;
  #closed = false;

  constructor(sources: readonly RunnableSource[], options: FunctionHostOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#endpoints = options.endpoints;
    const { socket, onEvent, processes = 1, busyMsMax = BUSY_MS_MAX, startMsMax = START_MS_MAX } = options;
    this.url = `http://${socket.host.includes(":") ? `[${socket.host}]` : socket.host}:${socket.port}`;
    this.#supervisor = new WorkerdSupervisor({
      socket,
      processes,
      secret: this.#secret,
      busyMsMax,
      startMsMax,
      onLine: workerdLog({
        onEvent,
        only: () => (sources.length === 1 ? sources[0]?.version.config.name : undefined),
        mapFrames: (name, text) => this.#sourceOf(name)?.version.mapFrames(text) ?? text,
        onTimeout: (name) => this.#sourceOf(name)?.noticeTimeout?.(),
      }),
      onEvent,
    });
    this.#unfollow = options.clock?.onAdvance((nowMs) => this.#supervisor.showTime(nowMs));
  }

  get pids(): readonly number[] {
    return this.#supervisor.pids;
  }

  /** Call when all sources are built. */
  async start(): Promise<void> {
    const { mode } = this.#options;
    await this.#ensureNamespaces();
    await this.#run();
    if (mode === "dev") {
      this.#watcher = new FileWatcher({
        onChange: (paths) => this.#reload(paths),
        onRefused: ({ message }) => this.#warn(`Some files cannot be watched for edits: ${message}`),
      });
      this.#watch();
    }
  }

  async useEndpoints(endpoints: readonly FunctionsEndpoint[]): Promise<void> {
    this.#endpoints = endpoints;
    while (this.#reloading !== undefined) await this.#reloading;
    // An edit meanwhile, or a later call, has brought the newest ones to all.
    if (this.#closed || this.#endpoints !== endpoints) return;
    this.#reloading = this.#replace()
      .catch((error: unknown) => {
        if (!this.#closed) this.#reportError(error);
      })
      .finally(() => {
        this.#reloading = undefined;
        if (this.#changed.size > 0) this.#reload(new Set());
      });
    await this.#reloading;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unfollow?.();
    this.#watcher?.close();
    const startMs = performance.now();
    for (const source of this.#sources) source.giveUp?.();
    await Promise.all([this.#reloading, this.#supervisor.close()]);
    // Processes end after workerd, which hands them requests to the last; what they do in the background goes
    // on meanwhile.
    const drainMs = Math.max(CLOSE_MS_MAX - (performance.now() - startMs), PROCESS_CLOSE_MS_MIN);
    await Promise.all([
      this.#options.socket.close(),
      ...this.#sources.map((source) => source.close(drainMs)),
    ]);
  }

  /** Starts what was built; a function that does not start is taken out, and the others run. */
  async #run(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#replace();
        return;
      } catch (error) {
        const failure = this.#reportStartFailure(error);
        const source = this.#sourceOf(failure?.function);
        if (failure === undefined || source === undefined || attempt === this.#sources.length) throw error;
        if (this.#options.mode === "serve") {
          throw new FunctionError(`${source.config.name} does not start: ${failure.message}`, {
            cause: error,
          });
        }
        source.markBroken(failure.stack ?? failure.message);
      }
    }
  }

  /** Lets workerd run the newest versions; a crash later starts the same ones again. */
  async #replace(): Promise<void> {
    const { mode, outbound = "all", clock, requestTimeoutMs } = this.#options;
    const secret = this.#secret;
    const shared = this.#sources.length > 1;
    const versions = this.#sources.map((source) => source.version);
    const common = { mode, shared, secret, requestTimeoutMs };
    await this.#supervisor.replace(({ index, shut }) =>
      workerdConfig({
        // Where there is a router, the gate is in it.
        functions: versions.map((version) =>
          version.service({ ...common, shut: shut && !shared, fakeNowMs: clock?.nowMs() }),
        ),
        endpoint: this.#endpoints[index % this.#endpoints.length] as FunctionsEndpoint,
        outbound,
        secret,
        shut,
      }),
    );
    const { drained } = this.#supervisor;
    for (const source of this.#sources) source.confirm(drained);
  }

  async #ensureNamespaces(): Promise<void> {
    const wanted = this.#sources.flatMap(({ version: { config } }) =>
      config.kvNamespaces.map(({ id, binding, title, valueEncoding }) => ({
        id,
        title: title ?? `${config.name}-${binding}`,
        attributes: valueEncoding === undefined ? {} : { value_encoding: valueEncoding },
      })),
    );
    for (const { id, title, attributes } of wanted) {
      if (this.#ensured.has(id)) continue;
      this.#ensured.add(id);
      try {
        await this.#options.ensureNamespace(id, title, attributes);
      } catch (error) {
        if (!(error instanceof KvError) || error.code !== "namespace_exists") throw error;
        // Another namespace has the title: the config's id was changed, say.
        await this.#options.ensureNamespace(id, `${title} ${id}`, attributes);
      }
    }
  }

  /** Edits during a reload are taken together in the next one. */
  #reload(paths: ReadonlySet<string>): void {
    for (const path of paths) this.#changed.add(path);
    this.#reloading ??= this.#reloadAll()
      .catch((error: unknown) => this.#reportError(error))
      .finally(() => {
        this.#reloading = undefined;
      });
  }

  async #reloadAll(): Promise<void> {
    while (this.#changed.size > 0 && !this.#closed) {
      const changed = this.#changed;
      this.#changed = new Set();
      const startedMs = performance.now();
      try {
        const built = await this.#rebuild(changed);
        if (!built || this.#closed) continue;
        await this.#ensureNamespaces();
        await this.#replace();
        const ms = Math.round(performance.now() - startedMs);
        this.#options.onEvent({ event: "log", level: "info", message: `reloaded in ${ms} ms` });
      } catch (error) {
        if (this.#closed) return;
        if (this.#reportStartFailure(error) === undefined) this.#reportError(error);
        // What runs goes on running.
        for (const source of this.#sources) source.revert();
      }
      this.#watch();
    }
  }

  /** Whether there is something new to run. */
  async #rebuild(changed: ReadonlySet<string>): Promise<boolean> {
    const concerned = this.#sources.filter((source) =>
      [...changed].some((path) => source.files.includes(path)),
    );
    const builds = await Promise.all(concerned.map((source) => source.build(changed)));
    checkNames(this.#sources);
    for (const [at, source] of concerned.entries()) {
      reportDiagnostics(source, builds[at] ?? [], this.#options.onEvent);
    }
    return this.#sources.some((source) => source.hasNews);
  }

  #watch(): void {
    const files = this.#sources.flatMap((source) => source.files);
    this.#watcher?.watch(files, Math.min(...this.#sources.map((source) => source.readMs)));
  }

  #warn(message: string): void {
    this.#options.onEvent({ event: "log", level: "warn", message });
  }

  #sourceOf(name: string | undefined): RunnableSource | undefined {
    return this.#sources.find((source) => source.version.config.name === name);
  }

  /** Reports what a function did wrong at its start; `undefined` when the fault is not a function's. */
  #reportStartFailure(error: unknown): StartFailure | undefined {
    const failure = this.#startFailureOf(error);
    if (failure === undefined) return undefined;
    const { function: name, message } = failure;
    const version = this.#sourceOf(name)?.version;
    const stack =
      failure.stack === undefined ? undefined : (version?.mapFrames(failure.stack) ?? failure.stack);
    this.#options.onEvent({
      event: "error",
      ...(name === undefined ? {} : { function: name }),
      message,
      ...(stack === undefined ? {} : { stack }),
    });
    return { function: name, message, stack };
  }

  #startFailureOf(error: unknown): StartFailure | undefined {
    if (!(error instanceof WorkerdStartError)) return undefined;
    const [only, ...others] = this.#sources;
    // workerd says nothing while code at the top level runs; only where there is one function it is known whose.
    if (error.isLate && only !== undefined && others.length === 0) {
      const { name } = only.version.config;
      return { function: name, message: `${error.message} ${error.hint}`, stack: undefined };
    }
    return startFailure(error.lines);
  }

  #reportError(error: unknown): void {
    const { message, hint } = error as FunctionError;
    this.#options.onEvent({ event: "error", message, ...(hint === undefined ? {} : { hint }) });
  }
}

/** Reports what keeps a function from being built. */
export function reportDiagnostics(
  { config }: RunnableSource,
  diagnostics: readonly Diagnostic[],
  onEvent: EventSink,
): void {
  for (const { message, frame } of diagnostics) {
    onEvent({
      event: "error",
      function: config.name,
      message,
      ...(frame === undefined ? {} : { stack: frame }),
    });
  }
}

/** @throws FunctionError when two functions would answer under one name */
export function checkNames(sources: readonly RunnableSource[]): void {
  const seen = new Map<string, string>();
  for (const { config } of sources) {
    const other = seen.get(config.name);
    if (other !== undefined) {
      throw new FunctionError(`Two functions are called ${config.name}: ${other} and ${config.main}.`, {
        hint: 'Several functions answer under /<name>/: give each a "name" of its own in its config, or rename the file.',
      });
    }
    seen.set(config.name, config.main);
  }
}
