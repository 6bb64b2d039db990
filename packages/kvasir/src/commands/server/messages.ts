import type { FailureText } from "../failure.js";

/** What the workers of a `serve` tell the process that started them. */
export type WorkerMessage =
  /** It has ears now. What is sent to it before is lost: cluster's own listener takes it. */
  | { readonly type: "listening" }
  | { readonly type: "ready"; readonly api: string; readonly functions?: string }
  | ({ readonly type: "failed" } & FailureText);

/** What that process tells them. */
export type PrimaryMessage =
  | { readonly type: "start"; readonly adminToken?: string; readonly runsFunctions: boolean }
  | { readonly type: "stop" };
