import { randomBytes } from "node:crypto";
import type { EventSink } from "../../events/events.js";
import { FunctionError } from "../../failure/function-error.js";
import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import type { Diagnostic } from "../bundle/diagnostic.js";
import { BUSY_MS_MAX, CLOSE_MS_MAX, LAST_CLOSE_MS_MIN, START_MS_MAX } from "../limits.js";
import { type StartFailure, startFailure } from "../observe/start-failure.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import type { ListenSocket } from "../workerd/listen-socket.js";
import { WorkerdStartError } from "../workerd/workerd-process.js";
import { ensureNamespaces } from "./ensure-namespaces.js";
import { FileWatcher } from "./file-watcher.js";
import { FunctionWorkerds, type UnitFailure } from "./function-workerds.js";
import type { RunnableSource } from "./runnable-source.js";
import type { RunningFunctions, StartFunctionsOptions } from "./running-functions.js";

export interface FunctionHostOptions extends StartFunctionsOptions {
  readonly memory: MemoryLimit;
  readonly socket: ListenSocket;
  readonly endpoints: readonly FunctionsEndpoint[];
}

/** Runs functions: builds and starts them, rebuilds them when their files change, and reports events. */
export class FunctionHost implements RunningFunctions {
  readonly url: string;
  readonly #sources: readonly RunnableSource[];
  readonly #options: FunctionHostOptions;
  readonly #workerds: FunctionWorkerds;
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
    const { socket, mode, processes = 1, outbound = "all", memory, clock, onEvent } = options;
    const { busyMsMax = BUSY_MS_MAX, startMsMax = START_MS_MAX, requestTimeoutMs } = options;
    this.url = `http://${socket.address}`;
    this.#workerds = new FunctionWorkerds(sources, {
      socket,
      mode,
      processes,
      secret: randomBytes(16).toString("hex"),
      memory,
      busyMsMax,
      startMsMax,
      requestTimeoutMs,
      outbound,
      clock,
      onEvent,
    });
    this.#unfollow = clock?.onAdvance((nowMs) => this.#workerds.showTime(nowMs));
  }

  get pids(): readonly number[] {
    return this.#workerds.pids;
  }

  /** Call it after all sources have been built. */
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
    // Meanwhile an edit or a later call may have applied the newest endpoints already.
    if (this.#closed || this.#endpoints !== endpoints) return;
    this.#reloading = this.#replace()
      .then((failures) => {
        for (const failure of failures) this.#report(failure);
      })
      .catch((error: unknown) => this.#report({ source: undefined, error }))
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
    await Promise.all([this.#reloading, this.#workerds.closeFront()]);
    // The front forwards requests to the functions until it has ended. Their
    // background work continues meanwhile.
    const drainMs = Math.max(CLOSE_MS_MAX - (performance.now() - startMs), LAST_CLOSE_MS_MIN);
    await Promise.all([
      this.#options.socket.close(),
      this.#workerds.close(drainMs),
      ...this.#sources.map((source) => source.close(drainMs)),
    ]);
  }

  /** Starts the built functions. If one does not start, it is marked as broken and the others run. */
  async #run(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const failures = await this.#replace();
      if (failures.length === 0) return;
      for (const { source, error } of failures) {
        const failure = this.#reportStartFailure(source, error);
        if (source === undefined || failure === undefined || attempt === this.#sources.length) throw error;
        if (this.#options.mode === "serve") {
          throw new FunctionError(`${source.config.name} does not start: ${failure.message}`, {
            cause: error,
          });
        }
        source.markBroken(failure.stack ?? failure.message);
      }
    }
  }

  /** Replaces the running versions by the newest ones. */
  async #replace(): Promise<UnitFailure[]> {
    const failures = await this.#workerds.replace(this.#endpoints);
    const failed = new Set(failures.map(({ source }) => source));
    // The router leads to all functions: if it was not replaced, no function's newest version is confirmed.
    if (failed.has(undefined)) return failures;
    const { drained } = this.#workerds;
    for (const source of this.#sources) if (!failed.has(source)) source.confirm(drained);
    return failures;
  }

  async #ensureNamespaces(): Promise<void> {
    for (const { version } of this.#sources) {
      await ensureNamespaces(version.config, this.#options.ensureNamespace, this.#ensured);
    }
  }

  /** Edits during a reload are collected for the next reload. */
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
        const fresh = this.#sources.filter(({ hasNews }) => hasNews);
        for (const failure of await this.#replace()) this.#report(failure);
        if (this.#closed) return;
        const failed = fresh.filter(({ hasNews }) => hasNews);
        // These functions keep running their previous version.
        for (const source of failed) source.revert();
        if (failed.length < fresh.length) {
          const ms = Math.round(performance.now() - startedMs);
          this.#options.onEvent({ event: "log", level: "info", message: `reloaded in ${ms} ms` });
        }
      } catch (error) {
        if (this.#closed) return;
        this.#reportError(error);
        for (const source of this.#sources) source.revert();
      }
      this.#watch();
    }
  }

  /** Returns whether there is a new version to run. */
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

  /**
   * Reports why the newest version does not run. Silent while closing, because closing is then the reason.
   */
  #report({ source, error }: UnitFailure): void {
    if (this.#closed) return;
    if (this.#reportStartFailure(source, error) === undefined) this.#reportError(error);
  }

  /**
   * Reports the error that a function made at its start. Returns `undefined` if no function caused the error.
   */
  #reportStartFailure(source: RunnableSource | undefined, error: unknown): StartFailure | undefined {
    if (!(error instanceof WorkerdStartError)) return undefined;
    const failure = error.saysWhy
      ? { message: [error.message, error.hint].join(" ").trim(), stack: undefined }
      : startFailure(error.lines);
    if (failure === undefined) return undefined;
    const { message } = failure;
    const stack = failure.stack === undefined ? undefined : source?.version.mapFrames(failure.stack);
    this.#options.onEvent({
      event: "error",
      ...(source === undefined ? {} : { function: source.version.config.name }),
      message,
      ...(stack === undefined ? {} : { stack }),
    });
    return { message, stack };
  }

  #reportError(error: unknown): void {
    const { message, hint } = error as FunctionError;
    this.#options.onEvent({ event: "error", message, ...(hint === undefined ? {} : { hint }) });
  }
}

/** Reports the errors that prevent a function from being built. */
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

/** @throws FunctionError if two functions have the same name */
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
