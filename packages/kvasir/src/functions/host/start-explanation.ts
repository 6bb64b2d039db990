import leven from "leven";
import type { FunctionModule } from "../bundle/function-module.js";
import { nodeMode } from "../bundle/node-mode.js";
import type { WorkerConfig } from "../config/function-config.js";

/** Flags that people set. workerd has no list of the flags that it knows. */
const COMMON_FLAGS = [
  "nodejs_compat",
  "nodejs_compat_v2",
  "nodejs_als",
  "no_nodejs_compat",
  "no_nodejs_compat_v2",
  "global_navigator",
  "global_fetch_strictly_public",
  "streams_enable_constructors",
  "transformstream_enable_standard_constructor",
  "url_standard",
  "formdata_parser_supports_files",
  "service_binding_extra_handlers",
  "enable_nodejs_http_modules",
  "enable_nodejs_fs_module",
  "enable_nodejs_os_module",
  "enable_nodejs_process_v2",
];

/** One sentence for an error of workerd's own, if it is one that a function's author can mend. */
export function explainStart(
  error: string,
  { config, modules }: { readonly config: WorkerConfig; readonly modules: readonly FunctionModule[] },
): string | undefined {
  const where = config.configPath === undefined ? "" : `${config.configPath}: `;
  const [, flag] = /^No such compatibility flag: (.+)$/.exec(error) ?? [];
  if (flag !== undefined) {
    const close = COMMON_FLAGS.find((known) => leven(known, flag) <= 3);
    const hint = close === undefined ? " Remove it." : ` Did you mean "${close}"?`;
    return `${where}compatibility_flags names "${flag}", which workerd does not know.${hint}`;
  }
  const [, one, other] = /^Compatibility flags are mutually contradictory: (\S+) vs (\S+)/.exec(error) ?? [];
  if (one !== undefined) {
    return `${where}compatibility_flags names both "${one}" and "${other}", which contradict each other. Remove one.`;
  }
  const [, module] = /No such module "(.+?)"/.exec(error) ?? [];
  if (module !== undefined) return missingModule(module, config);
  if (!/WasmModuleObject::Compile|WebAssembly/.test(error)) return undefined;
  for (const { type, body, path } of modules) {
    if (type !== "wasm") continue;
    const problem = wasmProblem(body);
    if (problem !== undefined) return `${path} is not WebAssembly that can be compiled: ${problem}.`;
  }
  return undefined;
}

function missingModule(module: string, config: WorkerConfig): string {
  if (module.startsWith("node:")) {
    const hint =
      nodeMode(config) === "v1"
        ? "Set compatibility_date to 2024-09-23 or later, from when on all Node modules are there."
        : 'Add "nodejs_compat" to compatibility_flags.';
    return `The code imports "${module}", which workerd does not have with these settings. ${hint}`;
  }
  if (/^[a-z]+:/.test(module)) return `The code imports "${module}", which workerd does not have.`;
  return `The code imports "${module}", which is not one of its modules. Without bundling, a rule has to match each file that is imported.`;
}

// Its types come with those of browsers, which this project does not have.
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: { Module: new (bytes: Uint8Array) => object };
};

function wasmProblem(body: Uint8Array): string | undefined {
  try {
    new wasm.Module(body);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^WebAssembly\.Module\(\): /, "");
  }
}
