import { CONTROL_ENTRYPOINT, FRONT_ENTRYPOINT } from "../../wire/functions-wire.js";
import type { FunctionModule } from "../bundle/function-module.js";
import { entryOptions } from "./entry-options.js";
import { entryModules, MAIN_MODULE } from "./runtime-module.js";
import type { ServiceOptions } from "./service-options.js";

/** Replaces a function that never built or started in `dev`. Every request gets a response that says why. */
export function brokenFunction(
  build: ServiceOptions & { readonly name: string },
  reason: string,
): FunctionModule[] {
  const { secret, shut } = build;
  const body = `import { control, startShut, wrapDefault } from "./kvasir-entry.js";
const reason = ${JSON.stringify(`${reason}\n`)};
${shut ? "startShut();" : ""}
export const ${CONTROL_ENTRYPOINT} = control(${JSON.stringify(secret)});
const front = wrapDefault({ fetch: () => new Response(reason, { status: 500 }) }, ${entryOptions(build)});
export { front as default, front as ${FRONT_ENTRYPOINT} };
`;
  return [{ name: MAIN_MODULE, type: "esModule", body }, ...entryModules()];
}
