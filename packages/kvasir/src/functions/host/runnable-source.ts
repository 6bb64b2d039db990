import type { Diagnostic } from "../bundle/diagnostic.js";
import type { WorkerConfig } from "../config/function-config.js";
import type { RunnableConfig } from "../config/runnable-config.js";
import type { FunctionService } from "../modules/function-service.js";
import type { ServiceOptions } from "../modules/service-options.js";

/** A function at one point in time. */
export interface RunnableVersion {
  readonly config: WorkerConfig;
  /** Describes the Worker that serves it. */
  service(options: ServiceOptions): FunctionService;
  /** Replaces locations in the build output by locations in the source. */
  mapFrames(text: string): string;
  /** The code around the place where an error was thrown, from its stack as workerd reports it. Only in `dev`. */
  excerpt?(stack: string): string | undefined;
  /** The source map of its bundle, as JSON. `undefined` if nothing was bundled. */
  readonly sourceMap?: string | undefined;
  /** One sentence for workerd's error at the start. `undefined` if the error says enough itself. */
  explainStart?(error: string): string | undefined;
}

/** What a build found. */
export interface BuildOutcome {
  /** Empty on success. */
  readonly errors: readonly Diagnostic[];
  /** Those of the code, and those that the settings did not have before. */
  readonly warnings: readonly Diagnostic[];
}

/** One function on disk, in any language, and the version of it that runs or should run. */
export interface RunnableSource {
  /** The settings of the last read config. */
  readonly config: RunnableConfig;
  /**
   * Whether the function runs in its own processes. Its Worker is then our code,
   * which forwards requests to them.
   */
  readonly hasProcess: boolean;
  /**
   * The newest version that was built. Before the first build it is a version that reports why there is none.
   */
  readonly version: RunnableVersion;
  /** Whether the newest version differs from the one that workerd started with. */
  readonly hasNews: boolean;
  /** The earliest time at which the files were read, in milliseconds since the epoch. */
  readonly readMs: number;
  /** All files of the function, and those that it would have if they existed. */
  readonly files: readonly string[];
  /** Folders in which each file counts. */
  readonly trees: readonly string[];
  /** Reads changed files and builds. */
  build(changed?: ReadonlySet<string>): Promise<BuildOutcome>;
  /** Makes every response report the reason. */
  markBroken(reason: string): void;
  /**
   * Call it when the version runs.
   *
   * @param drained resolves when the previous version's requests have ended
   */
  confirm(drained: Promise<void>): void;
  /** Call it when the version does not run. The previous version stays. */
  revert(): void;
  /** Call it for changes during a build. It gives a build up that they make pointless. */
  interrupt?(changed: ReadonlySet<string>): void;
  /** Call it when a request to the function timed out. */
  noticeTimeout?(): void;
  /** Ends compilations and starts in progress. Running versions continue. Nothing is built after this. */
  giveUp?(): void;
  /** @param drainMs how long its processes, if any, may continue their work @default 4,000 */
  close(drainMs?: number): Promise<void>;
}
