import { randomBytes } from "node:crypto";
import { sep } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { EventSink } from "../../events/events.js";
import { FunctionError } from "../../failure/function-error.js";
import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import type { RunnableConfig } from "../config/runnable-config.js";
import type { InspectorProxy } from "../inspector/inspector-proxy.js";
import {
  BUSY_MS_MAX,
  CLOSE_MS_MAX,
  LAST_CLOSE_MS_MIN,
  OVERTAKEN_BUILDS_MAX,
  START_MS_MAX,
  WATCH_DEBOUNCE_MS,
} from "../limits.js";
import { type StartFailure, startFailure } from "../observe/start-failure.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import { PLACEHOLDER_CF } from "../surroundings/placeholder-cf.js";
import type { CronSchedule } from "../triggers/cron-schedule.js";
import type { ListenSocket } from "../workerd/listen-socket.js";
import { WorkerdStartError } from "../workerd/start-error.js";
import type { TlsKeypair } from "../workerd/tls-keypair.js";
import { bindingWarnings } from "./binding-warnings.js";
import { ensureNamespaces } from "./ensure-namespaces.js";
import { FileWatcher } from "./file-watcher.js";
import { FunctionWorkerds, type UnitFailure } from "./function-workerds.js";
import type { BuildOutcome, RunnableSource } from "./runnable-source.js";
import type { RunningFunctions, StartFunctionsOptions } from "./running-functions.js";

export interface FunctionHostOptions extends StartFunctionsOptions {
  readonly memory: MemoryLimit;
  readonly socket: ListenSocket;
  /** If set, it speaks https. */
  readonly tls: TlsKeypair | undefined;
  readonly endpoints: readonly FunctionsEndpoint[];
  readonly inspector: InspectorProxy | undefined;
}

/** Runs functions: builds and starts them, rebuilds them when their files change, and reports events. */
export class FunctionHost implements RunningFunctions {
  readonly url: string;
  readonly #sources: readonly RunnableSource[];
  readonly #options: FunctionHostOptions;
  readonly #workerds: FunctionWorkerds;
  readonly #ensured = new Set<string>();
  readonly #warned = new Set<string>();
  readonly #liveReload: boolean;
  #endpoints: readonly FunctionsEndpoint[];
  readonly #unfollow: (() => void) | undefined;
  #watcher: FileWatcher | undefined;
  #cronSchedule: CronSchedule | undefined;
  #changed = new Set<string>();
  #reloading: Promise<void> | undefined;
  #started = false;
  #closed = false;

  constructor(sources: readonly RunnableSource[], options: FunctionHostOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#endpoints = options.endpoints;
    this.#liveReload = options.mode === "dev" && options.liveReload === true;
    const { socket, mode, processes = 1, outbound = "all", memory, clock, onEvent } = options;
    const { busyMsMax = BUSY_MS_MAX, startMsMax = START_MS_MAX, requestTimeoutMs } = options;
    const { cf = PLACEHOLDER_CF, trustedProxies = [], testScheduled = false } = options;
    this.url = `${options.tls === undefined ? "http" : "https"}://${socket.address}`;
    this.#workerds = new FunctionWorkerds(sources, {
      socket,
      tls: options.tls,
      mode,
      processes,
      secret: randomBytes(16).toString("hex"),
      memory,
      busyMsMax,
      startMsMax,
      requestTimeoutMs,
      outbound,
      requestFacts: { cf, trustedProxies },
      testScheduled,
      liveReload: this.#liveReload,
      firstGetsAll: options.firstGetsAll === true,
      logRequests: mode === "dev" || options.logRequests === true,
      onRequests: options.onRequests,
      clock,
      objectsFolder: options.objectsFolder,
      inspector: options.inspector,
      onEvent,
    });
    this.#unfollow = clock?.onAdvance((nowMs) => this.#workerds.showTime(nowMs));
  }

  get devtools(): string | undefined {
    return this.#options.inspector?.devtools;
  }

  get pids(): readonly number[] {
    return this.#workerds.pids;
  }

  /** Call it before the first build has ended: an edit of its config ends a build command that never ends. */
  watchBuild(): void {
    if (this.#sources.some(({ config }) => config.bundling.build !== undefined)) this.#openWatcher();
  }

  /** Call it after all sources have been built. */
  async start(): Promise<void> {
    await this.#ensureNamespaces();
    const running = this.#run();
    running.catch(() => undefined);
    // By the next turn workerd is starting in its process. Reading what must be watched takes as long as that.
    await nextTurn();
    this.#openWatcher();
    await running;
    this.#started = true;
    // Not at once: what is edited now belongs to the same reload, which would otherwise mix two states of the files.
    if (this.#changed.size > 0) setTimeout(() => this.#reload(new Set()), WATCH_DEBOUNCE_MS);
    await this.#schedule();
  }

  #openWatcher(): void {
    if (this.#options.mode === "serve") return;
    this.#watcher ??= new FileWatcher({
      onChange: (paths) => this.#reload(paths),
      onRefused: ({ message }) => this.#warn(`Some files cannot be watched for edits: ${message}`),
    });
    this.#watch();
  }

  /** Only `serve` follows the clock, as in wrangler. */
  async #schedule(): Promise<void> {
    const { mode, tls, onEvent } = this.#options;
    const scheduled = this.#sources
      .map(({ version: { config } }) => ({ name: config.name, crons: config.crons }))
      .filter(({ crons }) => crons.length > 0);
    const [first] = scheduled;
    if (first === undefined) return;
    if (mode === "dev") {
      const isAtRoot = this.#sources.length === 1 || this.#options.firstGetsAll === true;
      // No request reaches the others.
      if (isAtRoot && first.name !== this.#sources[0]?.config.name) return;
      const url = isAtRoot ? this.url : `${this.url}/${first.name}`;
      const message = `Cron triggers do not fire by the clock in dev. Run one with: curl ${tls === undefined ? "" : "-k "}"${url}/cdn-cgi/handler/scheduled"`;
      onEvent({ event: "log", level: "info", message });
      return;
    }
    const { CronSchedule } = await import("../triggers/cron-schedule.js");
    this.#cronSchedule = new CronSchedule(scheduled, {
      trigger: (name, run) => this.#workerds.trigger(name, run),
      onEvent,
    });
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
      .catch((error: unknown) => this.#report({ culprits: [], error }))
      .finally(() => {
        this.#reloading = undefined;
        if (this.#changed.size > 0) this.#reload(new Set());
      });
    await this.#reloading;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unfollow?.();
    this.#cronSchedule?.stop();
    this.#watcher?.close();
    // A paused function could not finish its requests.
    await this.#options.inspector?.close();
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
      for (const { culprits, error } of failures) {
        const [first] = culprits;
        const failure = this.#reportStartFailure(first, error);
        if (first === undefined || failure === undefined || attempt === this.#sources.length) throw error;
        if (this.#options.mode === "serve") {
          throw new FunctionError(`${first.config.name} does not start: ${failure.message}`, {
            cause: error,
          });
        }
        for (const source of culprits) source.markBroken(failure.stack ?? failure.message);
      }
    }
  }

  /** Replaces the running versions by the newest ones. */
  async #replace(): Promise<UnitFailure[]> {
    this.#warnOfMissing();
    const failures = await this.#workerds.replace(this.#endpoints);
    // The router leads to all functions: if it was not replaced, no function's newest version is confirmed.
    if (failures.some(({ sources }) => sources.length === 0)) return failures;
    const failed = new Set(failures.flatMap(({ sources }) => sources));
    const { drained } = this.#workerds;
    for (const source of this.#sources) if (!failed.has(source)) source.confirm(drained);
    return failures;
  }

  /**
   * The same for a reload. A function whose newest version does not start keeps its previous one. Functions that
   * share its workerd still get their newest versions.
   */
  async #replaceOrRevert(): Promise<void> {
    for (;;) {
      const failures = await this.#replace();
      for (const failure of failures) this.#report(failure);
      const culprits = failures.flatMap((failure) =>
        failure.culprits.length > 0 ? failure.culprits : this.#sources,
      );
      const reverted = culprits.filter(({ hasNews }) => hasNews);
      for (const source of reverted) source.revert();
      if (reverted.length === 0 || this.#closed) return;
    }
  }

  #warnOfMissing(): void {
    const started = new Set(this.#sources.map(({ version }) => version.config.name));
    for (const { version } of this.#sources) {
      for (const message of bindingWarnings(version.config, started)) {
        if (!this.#warned.has(message)) this.#warn(message);
        this.#warned.add(message);
      }
    }
  }

  async #ensureNamespaces(): Promise<void> {
    for (const { version } of this.#sources) {
      await ensureNamespaces(version.config, this.#options.ensureNamespace, this.#ensured);
    }
  }

  /** Edits during the start or a reload are collected for the next reload. */
  #reload(paths: ReadonlySet<string>): void {
    for (const path of paths) this.#changed.add(path);
    for (const source of this.#sources) source.interrupt?.(paths);
    if (!this.#started) return;
    this.#reloading ??= this.#reloadAll()
      .catch((error: unknown) => this.#reportError(error))
      .finally(() => {
        this.#reloading = undefined;
      });
  }

  async #reloadAll(): Promise<void> {
    let overtaken = 0;
    let edited = new Set<string>();
    while (this.#changed.size > 0 && !this.#closed) {
      const changed = this.#changed;
      this.#changed = new Set();
      for (const path of changed) edited.add(path);
      const startedMs = performance.now();
      try {
        const built = await this.#rebuild(changed);
        if (this.#closed) return;
        // Of several files that are edited together it may have read some before and some after.
        if (this.#changed.size > 0 && overtaken++ < OVERTAKEN_BUILDS_MAX) continue;
        const all = edited;
        edited = new Set();
        overtaken = 0;
        if (!built) {
          if (this.#concernsPages(all)) await this.#workerds.reloadPages();
          this.#watch();
          continue;
        }
        await this.#ensureNamespaces();
        const fresh = this.#sources.filter(({ hasNews }) => hasNews);
        const wanted = fresh.map(({ version }) => version);
        await this.#replaceOrRevert();
        if (this.#closed) return;
        if (fresh.some(({ version }, at) => version === wanted[at])) {
          const ms = Math.round(performance.now() - startedMs);
          this.#options.onEvent({ event: "log", level: "info", message: `reloaded in ${ms} ms` });
          // Pages of a single function wait at its own workerd, which told them when it was replaced.
          if (this.#liveReload && this.#sources.length > 1) await this.#workerds.reloadPages();
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
    const concerned = this.#sources.filter((source) => isConcerned(source, changed));
    const builds = await Promise.all(concerned.map((source) => source.build(changed)));
    checkNames(this.#sources, this.#options);
    for (const [at, source] of concerned.entries()) {
      const outcome = builds[at];
      if (outcome !== undefined) reportOutcome(source, outcome, this.#options.onEvent);
    }
    return this.#sources.some((source) => source.hasNews);
  }

  #watch(): void {
    const watched = {
      files: this.#sources.flatMap((source) => source.files),
      trees: [...this.#sources.flatMap((source) => source.trees), ...this.#pageFolders],
    };
    this.#watcher?.watch(watched, Math.min(...this.#sources.map((source) => source.readMs)));
  }

  /** Assets are looked for at each request, so only open pages need to hear of their edits. */
  get #pageFolders(): readonly string[] {
    if (!this.#liveReload) return [];
    return this.#sources.flatMap(({ config: { assets, site } }) =>
      [assets?.directory, site?.bucket].filter((folder) => folder !== undefined),
    );
  }

  #concernsPages(changed: ReadonlySet<string>): boolean {
    return this.#pageFolders.some((folder) => isWithin(folder, changed));
  }

  #warn(message: string): void {
    this.#options.onEvent({ event: "log", level: "warn", message });
  }

  /**
   * Reports why the newest version does not run. Silent while closing, because closing is then the reason.
   */
  #report({ culprits, error }: Pick<UnitFailure, "culprits" | "error">): void {
    if (this.#closed) return;
    if (this.#reportStartFailure(culprits[0], error) === undefined) this.#reportError(error);
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
    const explained = source?.version.explainStart?.(failure.message);
    const message = explained ?? failure.message;
    const thrown = explained === undefined ? failure.stack : undefined;
    const stack = thrown === undefined ? undefined : source?.version.mapFrames(thrown);
    const excerpt = thrown === undefined ? undefined : source?.version.excerpt?.(thrown);
    this.#options.onEvent({
      event: "error",
      ...(source === undefined ? {} : { function: source.version.config.name }),
      message,
      ...(stack === undefined ? {} : { stack }),
      ...(excerpt === undefined ? {} : { excerpt }),
    });
    return { message, stack };
  }

  #reportError(error: unknown): void {
    const { message, hint } = error as FunctionError;
    this.#options.onEvent({ event: "error", message, ...(hint === undefined ? {} : { hint }) });
  }
}

function isConcerned({ files, trees }: RunnableSource, changed: ReadonlySet<string>): boolean {
  return files.some((file) => changed.has(file)) || trees.some((tree) => isWithin(tree, changed));
}

function isWithin(tree: string, changed: ReadonlySet<string>): boolean {
  return [...changed].some((path) => path === tree || path.startsWith(tree + sep));
}

/** Reports what a build warned of, and the errors that prevent a function from being built. */
export function reportOutcome(
  { config }: RunnableSource,
  { errors, warnings }: BuildOutcome,
  onEvent: EventSink,
): void {
  for (const { message, frame } of warnings) {
    const text = frame === undefined ? message : `${message}\n${frame}`;
    onEvent({ event: "log", level: "warn", function: config.name, message: text });
  }
  for (const { message, frame } of errors) {
    onEvent({
      event: "error",
      function: config.name,
      message,
      ...(frame === undefined ? {} : { stack: frame }),
    });
  }
}

/** @throws FunctionError if two functions have the same name, or the same route where routes count */
export function checkNames(
  sources: readonly RunnableSource[],
  { firstGetsAll = false }: Pick<StartFunctionsOptions, "firstGetsAll">,
): void {
  if (!firstGetsAll) checkRoutes(sources);
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

function checkRoutes(sources: readonly RunnableSource[]): void {
  const seen = new Map<string, RunnableConfig>();
  for (const { config } of sources) {
    for (const { pattern, host, hostWildcard, path, pathWildcard } of config.routes ?? []) {
      const place = JSON.stringify([host, hostWildcard, path, pathWildcard]);
      const other = seen.get(place);
      if (other !== undefined && other !== config) {
        throw new FunctionError(`${other.name} and ${config.name} have the same route ${pattern}.`, {
          hint: `Take it out of one of them: ${other.configPath} or ${config.configPath}.`,
        });
      }
      seen.set(place, config);
    }
  }
}
