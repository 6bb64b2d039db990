import type { FunctionSyntax } from "../bundle/bundler.js";
import type { FunctionModule } from "../bundle/function-module.js";

/** What is known of a function when its modules are put together. */
export interface FunctionBuild {
  readonly name: string;
  readonly mode: "dev" | "serve";
  readonly syntax: FunctionSyntax;
  /** Several functions answer on one address. */
  readonly shared: boolean;
  /** Secret path of the control entrypoint. */
  readonly secret: string;
  /** Starts with its gate shut: another workerd is still serving. */
  readonly shut: boolean;
}

/**
 * How functions of one kind become a Worker: the modules around the user's bundle. Each dialect is one file
 * here; the bundle, workerd and everything after them are the same for all.
 */
export interface FunctionDialect {
  /** The module that workerd starts at, first, and those of ours that it imports. */
  modules(build: FunctionBuild): readonly FunctionModule[];
}
