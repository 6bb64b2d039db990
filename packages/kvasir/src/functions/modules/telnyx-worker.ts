import { EDGE_RUNTIME_MODULE } from "../bundle/entry-module.js";
import type { FunctionModule } from "../bundle/function-module.js";
import type { FunctionBuild, FunctionDialect } from "./function-dialect.js";
import { runtimeModule } from "./runtime-module.js";
import { scriptSettings } from "./script-settings.js";
import { PREPARE_MODULE, workerDialect } from "./worker.js";

/**
 * A Worker with a Telnyx manifest: it can import `@telnyx/edge-runtime`, and calls to Telnyx's API reach
 * Kvasir.
 */
export const telnyxWorkerDialect: FunctionDialect = {
  modules: (build) => [
    ...workerDialect.modules(build).map((module) => withInstall(build, module)),
    {
      name: EDGE_RUNTIME_MODULE,
      type: "esModule",
      body: 'export { env, KvNamespace } from "./kvasir-handler.js";',
    },
    runtimeModule("handler"),
  ],
  services: ["telnyx"],
};

function withInstall(build: FunctionBuild, module: FunctionModule): FunctionModule {
  if (module.name !== PREPARE_MODULE || module.type !== "esModule") return module;
  const install = `import { installTelnyx } from "./kvasir-handler.js";
installTelnyx(${JSON.stringify(scriptSettings(build))});
`;
  return { ...module, body: install + module.body };
}
