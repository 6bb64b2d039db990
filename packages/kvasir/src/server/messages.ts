import type { MetricsSnapshot, OtherMetrics } from "../api/metrics/metrics.js";
import type { FailureText } from "../failure/failure.js";
import type { InheritedSocket } from "../functions/workerd/listen-socket.js";
import type { FunctionsEndpoint } from "../wire/functions-wire.js";
import type { DataPlace } from "./data-directory.js";

/** The messages from the workers of a `serve` to the process that started them. */
export type WorkerMessage =
  /**
   * The worker listens to messages now. Earlier messages would be lost, because cluster's own listener takes
   * them.
   */
  | { readonly type: "listening" }
  | ({ readonly type: "ready" } & Addresses)
  | ({ readonly type: "failed" } & FailureText)
  /**
   * Asks for the counts of the other workers, because this one received a request for `/metrics`. `snapshot` has
   * its own.
   */
  | { readonly type: "askMetrics"; readonly id: number; readonly snapshot: MetricsSnapshot }
  | { readonly type: "metrics"; readonly id: number; readonly snapshot: MetricsSnapshot };

/** The settings that one `serve` keeps from start to end. */
export interface ServeSettings {
  /** The functions to run. If there are none, only the API runs. */
  readonly paths: readonly string[];
  readonly data: DataPlace;
  readonly apiPort: number;
  /** The functions' port, which the workers inherit. */
  readonly functionsSocket?: InheritedSocket | undefined;
}

/** The addresses at which a worker listens. */
export interface Addresses {
  readonly api: string;
  /** Set by the worker that runs the functions. */
  readonly functions?: string | undefined;
  /** A page that debugs the first function. Set if debuggers can attach. */
  readonly devtools?: string | undefined;
  /** The endpoint through which functions reach the data, set by workers that run no functions. */
  readonly endpoint?: FunctionsEndpoint | undefined;
}

/** The messages from that process to its workers. */
export type PrimaryMessage =
  | {
      readonly type: "start";
      readonly adminToken?: string;
      readonly runsFunctions: boolean;
      /** Fixed when the command started. A restarted worker must not read the settings from disk again. */
      readonly settings: ServeSettings;
      /** The number of the worker, from 1. */
      readonly worker: number;
    }
  /**
   * For the worker that runs the functions: the endpoints of the other workers, through which functions reach
   * the data.
   */
  | { readonly type: "endpoints"; readonly endpoints: readonly FunctionsEndpoint[] }
  /** The functions run, so requests may be sent to this worker. */
  | { readonly type: "functionsRun" }
  | { readonly type: "reportMetrics"; readonly id: number }
  | ({ readonly type: "otherMetrics"; readonly id: number } & OtherMetrics)
  /** Accept no more requests, except from functions that still have some to finish. */
  | { readonly type: "closePort" }
  | { readonly type: "stop" };
