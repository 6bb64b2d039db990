import type { FunctionModule } from "../bundle/function-module.js";
import type { FunctionShape } from "../bundle/function-shape.js";
import type { FunctionSyntax } from "../bundle/function-syntax.js";
import type { WorkerConfig } from "../config/function-config.js";

/** What is known of a function when its modules are put together. */
export interface FunctionBuild {
  readonly name: string;
  readonly mode: "dev" | "serve";
  readonly syntax: FunctionSyntax;
  readonly config: WorkerConfig;
  readonly shape: FunctionShape;
  /** Requests wait in its gate while one workerd takes over from another. */
  readonly gated: boolean;
  /** What a router took off the path: `/name`, or nothing. */
  readonly prefix: string;
  /** Secret path of the control entrypoint. */
  readonly secret: string;
  /** Starts with its gate shut: another workerd is still serving. */
  readonly shut: boolean;
  /** How long a request may take, in milliseconds, where the dialect has a limit. @default the dialect's own */
  readonly requestTimeoutMs?: number | undefined;
  /** Where the fake clock stands; without one `Date` is the machine's. */
  readonly fakeNowMs?: number | undefined;
}

/**
 * `telnyx`: the Telnyx API's keys of the function's namespaces. `values`: the first namespace, entries of which may
 * live from one second on. `files`: the function's folder, to read.
 */
export type OwnService = "telnyx" | "values" | "files";

/**
 * How functions of one kind become a Worker: the modules around the user's bundle. Each dialect is one file
 * here; the bundle, workerd and everything after them are the same for all.
 */
export interface FunctionDialect {
  /** The module that workerd starts at, first, and those of ours that it imports. */
  modules(build: FunctionBuild): readonly FunctionModule[];
  /** What those modules reach besides the user's bindings. @default nothing */
  readonly services?: readonly OwnService[];
}
