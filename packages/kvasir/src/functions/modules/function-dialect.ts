import type { RequestFacts } from "../../wire/request-facts.js";
import type { FunctionModule } from "../bundle/function-module.js";
import type { FunctionShape } from "../bundle/function-shape.js";
import type { FunctionSyntax } from "../bundle/function-syntax.js";
import type { WorkerConfig } from "../config/function-config.js";

/** The input from which a function's modules are generated. */
export interface FunctionBuild {
  readonly name: string;
  readonly mode: "dev" | "serve";
  readonly syntax: FunctionSyntax;
  /** Name of the module that holds the user's code. */
  readonly entry: string;
  readonly config: WorkerConfig;
  readonly shape: FunctionShape;
  /** The names that the user's module exports. */
  readonly exports: readonly string[];
  /** Requests wait in a gate while a new workerd takes over from the old one. */
  readonly gated: boolean;
  /** Whether other functions run in the same workerd, and write to the same log. */
  readonly shared: boolean;
  /** The path prefix that a router removed: `/name`, or an empty string. */
  readonly prefix: string;
  /** Secret path of the control entrypoint. */
  readonly secret: string;
  /** Starts with a closed gate, because another workerd is still serving. */
  readonly shut: boolean;
  /**
   * Longest time of a request, in milliseconds, if the dialect has a limit. @default the dialect's own limit
   */
  readonly requestTimeoutMs?: number | undefined;
  /** Whether `/__scheduled` runs the `scheduled` handler in `dev`. */
  readonly testScheduled: boolean;
  /** Whether pages reload after an edit in `dev`. */
  readonly liveReload: boolean;
  /** Whether each request is reported. */
  readonly logRequests: boolean;
  /** What `CF-Connecting-IP` and `request.cf` show. */
  readonly requestFacts: RequestFacts;
  /** The time of the fake clock. If `undefined`, `Date` shows the machine's time. */
  readonly fakeNowMs?: number | undefined;
}

/**
 * `telnyx`: the Telnyx API, for the keys of the function's namespaces. `values`: the first namespace, with
 * TTLs from one second. `files`: read access to the function's folder.
 */
export type OwnService = "telnyx" | "values" | "files";

/**
 * Turns functions of one kind into a Worker by generating the modules around the user's bundle. Each dialect
 * is one file in this folder. Bundling and workerd are the same for all dialects.
 */
export interface FunctionDialect {
  /** The generated modules. The first one is workerd's main module. */
  modules(build: FunctionBuild): readonly FunctionModule[];
  /** Services that these modules use besides the user's bindings. @default none */
  readonly services?: readonly OwnService[];
}
