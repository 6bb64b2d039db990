import type { FunctionDialect } from "./function-dialect.js";
import { scriptModules } from "./script-dialect.js";

/** `module.exports = (req, res) => …`: Express-style, with Invoke's globals such as `kv`. */
export const expressDialect: FunctionDialect = {
  modules: (build) => scriptModules(build, "express"),
  services: ["telnyx", "values", "files"],
};
