import { builtinModules } from "node:module";
import type { Metafile, Plugin } from "esbuild";
import type { NodeMode } from "./node-mode.js";
import { isPassedOn, passOn } from "./pass-on.js";

const NAME = "kvasir-node-natives";
const BUILTINS = builtinModules.filter((name) => !name.includes(":"));

/**
 * Leaves Node's modules to workerd, for functions that do not get all of them. Packages of the same names in
 * `node_modules` (`buffer`, `events`, `process`) win over modules without the `node:` prefix.
 */
export function nativeNodeModules(mode: Exclude<NodeMode, "v2">): Plugin {
  return {
    name: NAME,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^(node:.+|${BUILTINS.join("|")})$`) }, async (request) => {
        if (isPassedOn(request, NAME)) return undefined;
        const { path, kind } = request;
        const { errors } = await passOn(build, request, NAME);
        // The result is not returned: esbuild cannot take back a module that `"browser": { "fs": false }`
        // disables.
        if (errors.length === 0) return undefined;
        // Packages try `require("crypto")` and catch the error. Kept external, it throws at run time. An
        // import is checked after the build, because the code around it may turn out to be unused.
        if (path.startsWith("node:") || kind === "require-call") return { path, external: true };
        return { errors: [{ text: missingNodeModule(path, mode) }] };
      });
    },
  };
}

/** An import of a Node module that is still in the output and that workerd will refuse. */
export function refusedNodeImport(
  { inputs, outputs }: Metafile,
  mode: NodeMode,
): { readonly module: string; readonly importer: string | undefined; readonly text: string } | undefined {
  if (mode === "v1" || mode === "v2") return undefined;
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  const refused = imports.find(
    ({ path, kind }) =>
      kind === "import-statement" &&
      path.startsWith("node:") &&
      !(mode === "als" && path === "node:async_hooks"),
  );
  if (refused === undefined) return undefined;
  const module = refused.path;
  const importer = Object.entries(inputs).find(([, input]) =>
    input.imports.some(({ path }) => path === module),
  );
  return { module, importer: importer?.[0], text: missingNodeModule(module, mode) };
}

function missingNodeModule(path: string, mode: NodeMode): string {
  return mode === "v1"
    ? `"${path}" is a Node module. At this compatibility_date it has to be imported as "node:${path}", or set compatibility_date to 2024-09-23 or later.`
    : `"${path}" is a Node module, and this function does not ask for those. Add "nodejs_compat" to compatibility_flags in its config.`;
}
