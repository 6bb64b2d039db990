import type { FunctionDialect } from "./function-dialect.js";
import { scriptModules } from "./script-dialect.js";

/** `handler(request)`, exported or not: it returns a Response and has Telnyx's helpers as globals. */
export const handlerDialect: FunctionDialect = {
  modules: (build) => scriptModules(build, "handler"),
  services: ["telnyx"],
};
