import type { FunctionBuild } from "./function-dialect.js";

/** Options that are the same for all functions of one workerd. */
export type ServiceOptions = Omit<
  FunctionBuild,
  "name" | "syntax" | "entry" | "shape" | "exports" | "config"
>;
