import type { Store } from "@kvasir/store";
import type { Admission } from "../../http/admission.js";
import type { EventStreams } from "../../http/event-stream.js";
import type { UnexpectedExceptions } from "../../http/unexpected-exceptions.js";
import type { FunctionStats } from "../../measures/function-stats.js";
import type { NamespaceStats } from "../../measures/namespace-stats.js";
import type { LastBackup } from "../last-backup.js";
import type { CompiledRoute } from "../router.js";
import type { UsageFigures } from "./usage-figures.js";

/** What `/metrics` is made of, in one process. */
export interface MetricsSources {
  readonly store: Store;
  readonly routes: readonly CompiledRoute[];
  readonly namespaces: NamespaceStats;
  readonly usage: UsageFigures;
  readonly functions: FunctionStats;
  readonly admission: Admission;
  readonly eventStreams: EventStreams;
  readonly unexpected: UnexpectedExceptions;
  /** The number of open connections to the API port. */
  connections(): Promise<number>;
  /** The number of this worker of a `serve`, from 1. The first one reports what all of them share. */
  readonly worker: number;
  /** Absent if this server makes no backups. */
  readonly lastBackup?: (() => LastBackup) | undefined;
}
