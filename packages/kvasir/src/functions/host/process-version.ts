import type { WorkerConfig } from "../config/function-config.js";
import { forwardingModules } from "../modules/forwarding.js";
import type { FunctionService } from "../modules/function-service.js";
import type { ServiceOptions } from "../modules/service-options.js";
import { PROCESS_DRAIN_TIMEOUT_MS } from "../process/limits.js";
import { ProcessKeeper, type ProcessKeeperOptions } from "../process/process-keeper.js";
import type { HeldSocket } from "../workerd/held-sockets.js";
import type { RunnableVersion } from "./runnable-source.js";
import type { StaticFiles } from "./static-files.js";

export interface ProcessVersionOptions extends ProcessKeeperOptions {
  readonly config: WorkerConfig;
  readonly files: StaticFiles;
  /** Number of processes that share the socket. */
  readonly processes: number;
  readonly requestTimeoutMs: number;
  /** Removes the build output. */
  readonly dispose?: (() => Promise<void>) | undefined;
}

/** A function at one point in time, served by its own processes. */
export class ProcessVersion implements RunnableVersion {
  readonly config: WorkerConfig;
  readonly #files: StaticFiles;
  readonly #keepers: readonly ProcessKeeper[];
  readonly #socket: HeldSocket;
  readonly #requestTimeoutMs: number;
  readonly #dispose: (() => Promise<void>) | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(options: ProcessVersionOptions, keepers: readonly ProcessKeeper[]) {
    this.config = options.config;
    this.#files = options.files;
    this.#keepers = keepers;
    this.#socket = options.socket;
    this.#requestTimeoutMs = options.requestTimeoutMs;
    this.#dispose = options.dispose;
  }

  /** @throws FunctionStartError with the function's error; no process is left running then */
  static async start(options: ProcessVersionOptions): Promise<ProcessVersion> {
    const starts = await Promise.allSettled(
      Array.from({ length: options.processes }, () => ProcessKeeper.start(options)),
    );
    const keepers = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
    const version = new ProcessVersion(options, keepers);
    const failed = starts.find((start) => start.status === "rejected");
    if (failed === undefined) return version;
    await version.stop();
    throw failed.reason;
  }

  /** The function's own files, as far as its processes have reported them. */
  get files(): readonly string[] {
    return this.#keepers.flatMap(({ files }) => files);
  }

  /** Describes the Worker in front of the processes. */
  service(options: ServiceOptions): FunctionService {
    const { name, root, compatibilityDate, assets } = this.config;
    return {
      name,
      root,
      modules: forwardingModules({ name, config: this.config, ...options }, this.#requestTimeoutMs),
      compatibilityDate,
      compatibilityFlags: [],
      vars: {},
      kvNamespaces: [],
      rateLimits: [],
      versionMetadata: undefined,
      services: [],
      assets,
      assetManifest: this.#files.assets,
      processAddress: `unix:${this.#socket.path}`,
    };
  }

  /** Returns the text unchanged: stacks of the language itself need no source map. */
  mapFrames(text: string): string {
    return text;
  }

  noticeTimeout(): void {
    for (const keeper of this.#keepers) keeper.noticeTimeout();
  }

  /** Lets requests in flight and their background work finish. */
  stop(drainMs = PROCESS_DRAIN_TIMEOUT_MS): Promise<void> {
    this.#stopping ??= this.#stop(drainMs);
    return this.#stopping;
  }

  async #stop(drainMs: number): Promise<void> {
    await Promise.all(this.#keepers.map((keeper) => keeper.stop(drainMs)));
    this.#socket.close();
    await this.#dispose?.();
  }
}
