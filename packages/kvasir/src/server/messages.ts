import type { MetricsSnapshot, OtherMetrics } from "../api/metrics.js";
import type { FailureText } from "../failure/failure.js";
import type { InheritedSocket } from "../functions/workerd/listen-socket.js";
import type { FunctionsEndpoint } from "../wire/functions-wire.js";

/** What the workers of a `serve` tell the process that started them. */
export type WorkerMessage =
  /** It has ears now. What is sent to it before is lost: cluster's own listener takes it. */
  | { readonly type: "listening" }
  | ({ readonly type: "ready" } & Addresses)
  | ({ readonly type: "failed" } & FailureText)
  /** What do the others count? It has been asked for metrics. */
  | { readonly type: "askMetrics"; readonly id: number }
  | { readonly type: "metrics"; readonly id: number; readonly snapshot: MetricsSnapshot };

/** What one `serve` keeps from its start to its end. */
export interface ServeSettings {
  /** Functions to run; none: the API alone. */
  readonly paths: readonly string[];
  /** The data directory. */
  readonly data: string;
  readonly apiPort: number;
  /** The functions' port, which the workers inherit. */
  readonly functionsSocket?: InheritedSocket | undefined;
}

/** Where a worker answers. */
export interface Addresses {
  readonly api: string;
  /** Of the worker that runs the functions. */
  readonly functions?: string | undefined;
  /** Where functions reach the data through this worker, which runs none itself. */
  readonly endpoint?: FunctionsEndpoint | undefined;
}

/** What that process tells them. */
export type PrimaryMessage =
  | {
      readonly type: "start";
      readonly adminToken?: string;
      readonly runsFunctions: boolean;
      /** Settled when the command began; a worker that is started again must not look at the disk for them anew. */
      readonly settings: ServeSettings;
      /** Which one it is, from 1. */
      readonly worker: number;
    }
  /** To the worker that runs the functions: the other workers that functions can reach the data through now. */
  | { readonly type: "endpoints"; readonly endpoints: readonly FunctionsEndpoint[] }
  | { readonly type: "reportMetrics"; readonly id: number }
  | ({ readonly type: "otherMetrics"; readonly id: number } & OtherMetrics)
  /** Takes no more requests, except from functions that still have some to finish. */
  | { readonly type: "closePort" }
  | { readonly type: "stop" };
