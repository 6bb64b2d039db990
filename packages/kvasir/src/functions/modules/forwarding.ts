import { CONTROL_ENTRYPOINT, FRONT_ENTRYPOINT, PROCESS_BINDING } from "../../wire/functions-wire.js";
import type { FunctionModule } from "../bundle/function-module.js";
import type { WorkerConfig } from "../config/function-config.js";
import { entryOptions } from "./entry-options.js";
import { requestFactsStatements } from "./request-facts.js";
import { entryModules, MAIN_MODULE, runtimeModule } from "./runtime-module.js";
import type { ServiceOptions } from "./service-options.js";

/** The Worker in front of a process function. It forwards requests, limits their time and reports them. */
export function forwardingModules(
  build: ServiceOptions & { readonly name: string; readonly config: WorkerConfig },
  requestTimeoutMs: number,
): readonly FunctionModule[] {
  const { name, secret, shut } = build;
  const body = `import { control, knownRequestId, startShut, wrapDefault } from "./kvasir-entry.js";
import { forward } from "./kvasir-forward.js";
${requestFactsStatements(build)}${shut ? "startShut();" : ""}
export const ${CONTROL_ENTRYPOINT} = control(${JSON.stringify(secret)});
const front = wrapDefault({
  fetch: (request, env) => forward(request, env.${PROCESS_BINDING}, {
    ...${JSON.stringify({ name, timeoutMs: requestTimeoutMs })},
    requestId: knownRequestId(request),
  }),
}, ${entryOptions(build)});
export { front as default, front as ${FRONT_ENTRYPOINT} };
`;
  return [{ name: MAIN_MODULE, type: "esModule", body }, ...entryModules(), runtimeModule("forward")];
}
