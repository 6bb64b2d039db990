import type { Diagnostic } from "../bundle/diagnostic.js";
import type { WorkerConfig } from "../config/function-config.js";
import type { RunnableConfig } from "../config/runnable-config.js";
import type { FunctionService } from "../modules/function-service.js";
import type { ServiceOptions } from "../modules/service-options.js";

/** A function as it was at one moment. */
export interface RunnableVersion {
  readonly config: WorkerConfig;
  /** The Worker that answers for it. */
  service(options: ServiceOptions): FunctionService;
  /** Rewrites places in what was built to places in the source. */
  mapFrames(text: string): string;
}

/** One function on disk, whatever it is written in, and the version of it that is or should be running. */
export interface RunnableSource {
  /** The settings as they are on disk. */
  readonly config: RunnableConfig;
  /** Processes of its own serve it; the code of its Worker is ours, and passes requests on to them. */
  readonly hasProcess: boolean;
  /** The newest version that built; before there is one, a version that says why. */
  readonly version: RunnableVersion;
  /** Whether the version is another than the one that workerd started with. */
  readonly hasNews: boolean;
  /** When the files were read at the earliest, in milliseconds since the epoch. */
  readonly readMs: number;
  /** Every file that the function is made of. */
  readonly files: readonly string[];
  /** Reads what changed and builds. Empty when all is well. */
  build(changed?: ReadonlySet<string>): Promise<readonly Diagnostic[]>;
  /** Answers every request with the reason. */
  markBroken(reason: string): void;
  /** The version runs. @param drained resolves when the requests of the one before have ended */
  confirm(drained: Promise<void>): void;
  /** The version does not run: the one before it stays. */
  revert(): void;
  /** A request to the function was not answered in time. */
  noticeTimeout?(): void;
  /** Ends what is just being compiled or started; what runs goes on. Nothing is built any more. */
  giveUp?(): void;
  /** @param drainMs how long its processes, where it has some, may go on with what they do @default 4,000 */
  close(drainMs?: number): Promise<void>;
}
