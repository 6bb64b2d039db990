import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import type { EventSink } from "../../events/events.js";
import { FunctionError } from "../../failure/function-error.js";
import type { FunctionsEndpoint } from "../../wire/functions-wire.js";
import type { Diagnostic } from "../bundle/diagnostic.js";
import { type RunnableConfig, type RunSettings, readRunnableConfig } from "../config/runnable-config.js";
import { ownNamespace } from "../config/telnyx-config.js";
import { PROCESSES_MAX } from "../limits.js";
import { FunctionStartError } from "../process/function-process.js";
import { goDialect } from "../process/go/go.js";
import { REQUEST_TIMEOUT_MS } from "../process/limits.js";
import type { Preparation, ProcessDialect } from "../process/process-dialect.js";
import { processEnvironment } from "../process/process-environment.js";
import { pythonDialect } from "../process/python/python.js";
import type { MemoryLimit } from "../resources/memory-limit.js";
import { HeldSockets } from "../workerd/held-sockets.js";
import { OrphanGuard } from "../workerd/orphan-guard.js";
import { FunctionVersion } from "./function-version.js";
import { newWarnings } from "./new-warnings.js";
import { ProcessVersion } from "./process-version.js";
import type { BuildOutcome, RunnableSource, RunnableVersion } from "./runnable-source.js";
import { readStaticFiles } from "./static-files.js";

export interface ProcessSourceOptions extends RunSettings {
  /** The endpoint through which the function reaches its namespaces. */
  readonly endpoint: Promise<FunctionsEndpoint>;
  /** A per-user folder for files that can be built again. */
  readonly cacheDirectory: string;
  /** Number of processes, for a language whose process uses only one core. */
  readonly processes: number;
  readonly memory: MemoryLimit;
  /** @default REQUEST_TIMEOUT_MS */
  readonly requestTimeoutMs?: number | undefined;
  readonly onEvent: EventSink;
}

/** File systems take timestamps from a clock that is late by up to one tick, in milliseconds. */
const FILE_TIME_LAG_MS = 20;

const DIALECTS: Readonly<Record<string, ProcessDialect>> = { ".py": pythonDialect, ".go": goDialect };

/** Whether a function runs in a process of its own. */
export function isProcessFunction({ main }: RunnableConfig): boolean {
  return extname(main) in DIALECTS;
}

/** A Python or Go function on disk. A replaced version ends after its last requests. */
export class ProcessSource implements RunnableSource {
  readonly hasProcess = true;
  readonly #path: string;
  readonly #options: ProcessSourceOptions;
  readonly #dialect: ProcessDialect;
  readonly #guard = new OrphanGuard();
  readonly #sockets = new HeldSockets();
  readonly #running = new Set<ProcessVersion>();
  readonly #closing = new AbortController();
  #config: RunnableConfig;
  #files: readonly string[] = [];
  #readMs = Date.now() - FILE_TIME_LAG_MS;
  #version: RunnableVersion;
  #started: RunnableVersion | undefined;
  #building: Promise<unknown> = Promise.resolve();
  /** Signatures of the files from which the newest and the running version were built. */
  #builtFrom = "";
  #startedFrom = "";

  constructor(path: string, config: RunnableConfig, options: ProcessSourceOptions) {
    this.#path = path;
    this.#options = options;
    this.#config = processConfig(config);
    this.#dialect = DIALECTS[extname(config.main)] as ProcessDialect;
    this.#version = new FunctionVersion(config, "This function has not been built.");
    setMaxListeners(PROCESSES_MAX, this.#closing.signal);
    // Awaited when the function is ready to start. If the build fails first, that error is the one to report.
    options.endpoint.catch(() => undefined);
    if (process.platform === "win32") {
      throw new FunctionError(`${this.#dialect.language} functions do not run on Windows.`, {
        hint: "Run Kvasir in WSL, or write the function in JavaScript or TypeScript.",
      });
    }
  }

  get config(): RunnableConfig {
    return this.#config;
  }

  get version(): RunnableVersion {
    return this.#version;
  }

  get hasNews(): boolean {
    return this.#version !== this.#started;
  }

  get readMs(): number {
    return this.#readMs;
  }

  get trees(): readonly string[] {
    return [];
  }

  get files(): readonly string[] {
    return [...new Set([...this.#config.watch, this.#config.main, ...this.#files])];
  }

  build(changed?: ReadonlySet<string>): Promise<BuildOutcome> {
    const building = this.#build(changed);
    this.#building = building.catch(() => undefined);
    return building;
  }

  async #build(changed: ReadonlySet<string> | undefined): Promise<BuildOutcome> {
    if (changed !== undefined) this.#readMs = Date.now() - FILE_TIME_LAG_MS;
    const before = this.#config;
    if (this.#config.watch.some((path) => changed?.has(path))) {
      this.#config = processConfig(readRunnableConfig(this.#path, this.#options));
    }
    return { errors: await this.#startNewest(), warnings: newWarnings(this.#config, before) };
  }

  /** Starts the function from its files as they are. Returns why it does not start. */
  async #startNewest(): Promise<readonly Diagnostic[]> {
    if (this.#started !== undefined && this.#startedFrom === this.#signature()) {
      this.#replaceVersion(this.#started);
      return [];
    }
    const { mode, cacheDirectory } = this.#options;
    const preparation = await this.#dialect.prepare({
      config: this.#config,
      mode,
      cacheDirectory,
      signal: this.#closing.signal,
    });
    this.#files = preparation.files;
    const errors = preparation.ok ? await this.#start(preparation) : preparation.errors;
    if (errors.length > 0 && this.#started === undefined) {
      this.markBroken(errors.map(({ message, frame }) => [message, frame].join("\n").trim()).join("\n\n"));
    }
    return errors;
  }

  markBroken(reason: string): void {
    this.#replaceVersion(new FunctionVersion(this.#config, reason));
  }

  confirm(drained: Promise<void>): void {
    const before = this.#started;
    this.#started = this.#version;
    this.#startedFrom = this.#builtFrom;
    if (before !== this.#version) void drained.then(() => this.#stop(before));
  }

  revert(): void {
    if (this.#started !== undefined) this.#replaceVersion(this.#started);
  }

  noticeTimeout(): void {
    for (const version of this.#running) version.noticeTimeout();
  }

  giveUp(): void {
    this.#closing.abort();
  }

  async close(drainMs?: number): Promise<void> {
    // Compilations and starts in progress must end as well.
    this.giveUp();
    await this.#building;
    await Promise.all([...this.#running].map((version) => version.stop(drainMs)));
    this.#guard.close();
    await this.#sockets.close();
  }

  /** Starts a version beside the previous one. It gets requests once workerd has the new config. */
  async #start(preparation: Extract<Preparation, { ok: true }>): Promise<readonly Diagnostic[]> {
    const {
      endpoint,
      mode,
      processes,
      memory,
      requestTimeoutMs = REQUEST_TIMEOUT_MS,
      onEvent,
    } = this.#options;
    const config = this.#config;
    const { launch, dispose } = preparation;
    const files = await readStaticFiles(config, mode);
    const environment = processEnvironment({ config, endpoint: await endpoint, mode });
    const socket = await this.#sockets.listen();
    try {
      const version = await ProcessVersion.start({
        name: config.name,
        config,
        files,
        launch: { ...launch, environment: { ...environment, ...launch.environment } },
        socket,
        memory,
        guard: this.#guard,
        processes: this.#dialect.usesOneCore ? processes : 1,
        stderrLevel: this.#dialect.stderrLevel,
        requestTimeoutMs,
        dispose,
        signal: this.#closing.signal,
        onEvent,
      });
      this.#running.add(version);
      this.#files = [...preparation.files, ...version.files];
      this.#builtFrom = this.#signature();
      this.#replaceVersion(version);
      return [];
    } catch (error) {
      if (!(error instanceof FunctionStartError)) throw error;
      this.#files = [...preparation.files, ...error.files];
      const message = error.hint === undefined ? error.message : `${error.message} ${error.hint}`;
      return [{ message, frame: error.frames, file: config.main }];
    }
  }

  /** Detects real changes: files are often saved without a change, and a process is slow to start. */
  #signature(): string {
    const hash = createHash("sha256").update(JSON.stringify(this.#config));
    for (const path of [...this.files].sort()) hash.update(`\0${path}\0`).update(contentOf(path));
    return hash.digest("hex");
  }

  /** Stops a version that never served. It has no requests to finish. */
  #replaceVersion(version: RunnableVersion): void {
    const unused = this.#version;
    this.#version = version;
    if (unused !== version && unused !== this.#started) void this.#stop(unused);
  }

  async #stop(version: RunnableVersion | undefined): Promise<void> {
    if (!(version instanceof ProcessVersion)) return;
    await version.stop();
    this.#running.delete(version);
  }
}

function contentOf(path: string): string | Buffer {
  try {
    return readFileSync(path);
  } catch {
    return "absent";
  }
}

/** @throws FunctionError if the config has what only JavaScript can have */
function processConfig(config: RunnableConfig): RunnableConfig {
  if (config.site !== undefined) {
    const where = config.configPath ?? config.main;
    throw new FunctionError(
      `${where}: a Workers Site needs code in JavaScript, and main is ${config.main}.`,
      {
        hint: "Use assets instead of site: functions in all languages can have them.",
      },
    );
  }
  if (config.kvNamespaces.length > 0) return config;
  return { ...config, kvNamespaces: [{ ...ownNamespace(config.name, "KV"), valueEncoding: "auto" }] };
}
