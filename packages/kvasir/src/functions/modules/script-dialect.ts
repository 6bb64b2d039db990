import { CONTROL_ENTRYPOINT, FRONT_ENTRYPOINT } from "../../wire/functions-wire.js";
import { EDGE_RUNTIME_MODULE } from "../bundle/entry-module.js";
import type { FunctionModule } from "../bundle/function-module.js";
import { entryOptions } from "./entry-options.js";
import { fakeDateStatements } from "./fake-date.js";
import type { FunctionBuild } from "./function-dialect.js";
import { requestFactsStatements } from "./request-facts.js";
import { entryModules, MAIN_MODULE, runtimeModule } from "./runtime-module.js";
import { scriptSettings } from "./script-settings.js";
import { PREPARE_MODULE, SOURCE_MAP_MODULE } from "./worker.js";

/**
 * The modules around a handler or an Express-style function. The module `runtime` exports
 * `install`, which defines the globals before the user's code runs, and `worker`, which makes a
 * Worker from the user's exports.
 */
export function scriptModules(build: FunctionBuild, runtime: "handler" | "express"): FunctionModule[] {
  return [
    { name: MAIN_MODULE, type: "esModule", body: mainModule(build, runtime) },
    { name: PREPARE_MODULE, type: "esModule", body: prepareModule(build, runtime) },
    {
      name: EDGE_RUNTIME_MODULE,
      type: "esModule",
      body: `export { env, KvNamespace } from "./kvasir-${runtime}.js";`,
    },
    runtimeModule("before"),
    ...entryModules(),
    runtimeModule(runtime),
    ...(build.mode === "dev" ? [runtimeModule("error-page")] : []),
  ];
}

// Imports run in order: first our modules, which keep the original console and define the
// globals, then the user's code.
function mainModule(build: FunctionBuild, runtime: string): string {
  const { name, mode, secret, shut, entry } = build;
  const options = entryOptions(build);
  const errorPage = `async (error, request) => {
    const [{ errorPage }, map] = await Promise.all([import("./kvasir-error-page.js"), import("./${SOURCE_MAP_MODULE}")]);
    return errorPage(error, request, map.default);
  }`;
  const settings = JSON.stringify({ ...scriptSettings(build), name });
  return `import { control, startShut, wrapDefault, wrapInternal } from "./kvasir-entry.js";
import { worker } from "./kvasir-${runtime}.js";
import "./${PREPARE_MODULE}";
import * as user from "./${entry}";
${shut ? "startShut();" : ""}
export const ${CONTROL_ENTRYPOINT} = control(${JSON.stringify(secret)});
const made = worker(user, ${settings});
export default wrapInternal(made, ${options});
export const ${FRONT_ENTRYPOINT} = wrapDefault(made, {
  ...${options},
  ${mode === "dev" ? `errorPage: ${errorPage},` : ""}
});
`;
}

function prepareModule(build: FunctionBuild, runtime: string): string {
  const { name, shared } = build;
  return `import { prepare } from "./kvasir-before.js";
import { install } from "./kvasir-${runtime}.js";
prepare(${JSON.stringify(name)}, { shared: ${shared} });
${fakeDateStatements(build)}${requestFactsStatements(build)}install(${JSON.stringify({ ...scriptSettings(build), name })});
`;
}
