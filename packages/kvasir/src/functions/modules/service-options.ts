import type { FunctionBuild } from "./function-dialect.js";

/** How a version is run; the same for all functions of one workerd. */
export type ServiceOptions = Omit<FunctionBuild, "name" | "syntax" | "shape" | "config">;
