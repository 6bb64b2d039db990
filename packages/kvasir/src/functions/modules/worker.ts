import { CONTROL_ENTRYPOINT } from "../../wire/functions-wire.js";
import { type FunctionModule, USER_MODULE } from "../bundle/function-module.js";
import { fakeDateStatements } from "./fake-date.js";
import type { FunctionBuild, FunctionDialect } from "./function-dialect.js";
import { requestFactsStatements } from "./request-facts.js";
import { entryModules, runtimeModule } from "./runtime-module.js";

export const SOURCE_MAP_MODULE = "user.js.map";
/** Runs before the user's code. */
export const PREPARE_MODULE = "kvasir-prepare.js";

/** `export default { fetch(request, env, ctx) }`, WorkerEntrypoint classes, service-worker syntax. */
export const workerDialect: FunctionDialect = {
  modules(build) {
    return [
      { name: "main.js", type: "esModule", body: mainModule(build) },
      { name: PREPARE_MODULE, type: "esModule", body: prepareModule(build) },
      runtimeModule("before"),
      ...entryModules(),
      ...(build.mode === "dev" ? [runtimeModule("error-page")] : []),
    ] satisfies FunctionModule[];
  },
};

// Imports run in order: the entry module, which keeps the original console; the
// preparation; then the user's code.
function mainModule(build: FunctionBuild): string {
  const { name, mode, gated, prefix, testScheduled, secret, shut, syntax } = build;
  const options = { name, mode, gated, prefix, testScheduled };
  const errorPage = `async (error, request) => {
    const [{ errorPage }, map] = await Promise.all([import("./kvasir-error-page.js"), import("./${SOURCE_MAP_MODULE}")]);
    return errorPage(error, request, map.default);
  }`;
  const exported =
    syntax === "service-worker"
      ? `import { listeners } from "./${PREPARE_MODULE}";`
      : `import * as user from "./${USER_MODULE}";`;
  return `import { control, startShut, wrapDefault } from "./kvasir-entry.js";
import "./${PREPARE_MODULE}";
import "./${USER_MODULE}";
${exported}
export * from "./${USER_MODULE}";
${shut ? "startShut();" : ""}
export const ${CONTROL_ENTRYPOINT} = control(${JSON.stringify(secret)}, ${JSON.stringify(name)});
export default wrapDefault(${syntax === "service-worker" ? "listeners" : "user.default"}, {
  ...${JSON.stringify(options)},
  ${mode === "dev" ? `errorPage: ${errorPage},` : ""}
});
`;
}

function prepareModule(build: FunctionBuild): string {
  const { name, syntax } = build;
  const prepare = `import { prepare } from "./kvasir-before.js";
prepare(${JSON.stringify(name)});
${fakeDateStatements(build)}${requestFactsStatements(build)}`;
  if (syntax !== "service-worker") return prepare;
  return `${prepare}import { env } from "cloudflare:workers";
import { serviceWorker } from "./kvasir-entry.js";
export const listeners = serviceWorker(env);
`;
}
