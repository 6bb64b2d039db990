import { CONTROL_ENTRYPOINT, FRONT_ENTRYPOINT } from "../../wire/functions-wire.js";
import type { FunctionModule } from "../bundle/function-module.js";
import { entryOptions } from "./entry-options.js";
import { fakeDateStatements } from "./fake-date.js";
import type { FunctionBuild, FunctionDialect } from "./function-dialect.js";
import { requestFactsStatements } from "./request-facts.js";
import { entryModules, MAIN_MODULE, runtimeModule } from "./runtime-module.js";

export const SOURCE_MAP_MODULE = "user.js.map";
/** Runs before the user's code. */
export const PREPARE_MODULE = "kvasir-prepare.js";

/** `export default { fetch(request, env, ctx) }`, WorkerEntrypoint classes, service-worker syntax. */
export const workerDialect: FunctionDialect = {
  modules(build) {
    return [
      { name: MAIN_MODULE, type: "esModule", body: mainModule(build) },
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
  const { name, mode, secret, shut, syntax, entry, exports } = build;
  const options = entryOptions(build);
  const errorPage = `async (error, request) => {
    const [{ errorPage }, map] = await Promise.all([import("./kvasir-error-page.js"), import("./${SOURCE_MAP_MODULE}")]);
    return errorPage(error, request, map.default);
  }`;
  const exported =
    syntax === "service-worker"
      ? `import { listeners } from "./${PREPARE_MODULE}";`
      : `import * as user from "./${entry}";`;
  const worker = syntax === "service-worker" ? "listeners" : "user.default";
  const named = syntax === "service-worker" ? [] : exports.filter((exported) => exported !== "default");
  return `import { control, startShut, wrapDefault, wrapInternal, wrapNamed } from "./kvasir-entry.js";
import "./${PREPARE_MODULE}";
import "./${entry}";
${exported}
export * from "./${entry}";
${named.map((exported, at) => namedExport(exported, at, name)).join("\n")}
${shut ? "startShut();" : ""}
export const ${CONTROL_ENTRYPOINT} = control(${JSON.stringify(secret)}, ${JSON.stringify(name)});
export default wrapInternal(${worker}, ${options});
export const ${FRONT_ENTRYPOINT} = wrapDefault(${worker}, {
  ...${options},
  ${mode === "dev" ? `errorPage: ${errorPage},` : ""}
});
`;
}

/** Takes precedence over the export of `export *`. */
function namedExport(exported: string, at: number, functionName: string): string {
  const local = `named${at}`;
  const quoted = JSON.stringify(exported);
  return `const ${local} = wrapNamed(user[${quoted}], ${JSON.stringify(functionName)});\nexport { ${local} as ${quoted} };`;
}

function prepareModule(build: FunctionBuild): string {
  const { name, syntax, shared } = build;
  const prepare = `import { prepare } from "./kvasir-before.js";
prepare(${JSON.stringify(name)}, { shared: ${shared} });
${fakeDateStatements(build)}${requestFactsStatements(build)}`;
  if (syntax !== "service-worker") return prepare;
  return `${prepare}import { env } from "cloudflare:workers";
import { serviceWorker } from "./kvasir-entry.js";
export const listeners = serviceWorker(env);
`;
}
