import { CONTROL_ENTRYPOINT } from "../../wire/functions-wire.js";
import type { FunctionModule } from "../bundle/function-module.js";
import type { FunctionBuild } from "./function-dialect.js";
import { entryModules } from "./runtime-module.js";

/** Replaces a function that never built or started in `dev`. Every request gets a response that says why. */
export function brokenFunction(
  build: Omit<FunctionBuild, "syntax" | "shape" | "config">,
  reason: string,
): FunctionModule[] {
  const { name, mode, gated, prefix, testScheduled, secret, shut } = build;
  const options = { name, mode, gated, prefix, testScheduled };
  const body = `import { control, startShut, wrapDefault } from "./kvasir-entry.js";
const reason = ${JSON.stringify(`${reason}\n`)};
${shut ? "startShut();" : ""}
export const ${CONTROL_ENTRYPOINT} = control(${JSON.stringify(secret)});
export default wrapDefault({ fetch: () => new Response(reason, { status: 500 }) }, ${JSON.stringify(options)});
`;
  return [{ name: "main.js", type: "esModule", body }, ...entryModules()];
}
