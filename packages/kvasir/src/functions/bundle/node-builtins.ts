import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";

const BUILTINS = new Set(builtinModules.filter((name) => !name.startsWith("_")));
const NAMESPACE = "node-builtin-required";

/** From this compatibility date on, workerd has `nodejs_compat` unless told otherwise. */
const DEFAULT_SINCE = "2026-08-04";

/** What decides which of Node's modules a function has. */
export interface NodeCompatibility {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
}

/**
 * Leaves Node's modules to workerd, which has them under the `node:` prefix and with the flag `nodejs_compat`
 * only. Which flags there are is asked at each import: some kinds of function bring the flag along, and what kind a
 * function is its entry module tells. Without the flag an import of one is an error here rather than a puzzling one at run time.
 */
export function nodeBuiltins(compatibility: () => NodeCompatibility): Plugin {
  const available = (name: string) => {
    const { compatibilityDate, compatibilityFlags: flags } = compatibility();
    if (flags.some((flag) => flag === "nodejs_compat" || flag === "nodejs_compat_v2")) return true;
    if (compatibilityDate >= DEFAULT_SINCE && !flags.includes("no_nodejs_compat")) return true;
    return name === "async_hooks" && flags.includes("nodejs_als");
  };
  const filter = new RegExp(
    `^(node:.+|${[...BUILTINS].map((name) => name.replaceAll("/", "\\/")).join("|")})$`,
  );

  return {
    name: "kvasir-node-builtins",
    setup(build) {
      build.onResolve({ filter }, async (request) => {
        const prefixed = request.path.startsWith("node:");
        const name = prefixed ? request.path.slice(5) : request.path;
        if (!prefixed && request.pluginData !== NAMESPACE) {
          // A package of that name in node_modules (`buffer`, `events`, `process`) would be the user's own choice
          // only without the flag; with it, workerd's is the faster and complete one.
          if (!available(name)) {
            const { importer, resolveDir, kind, with: attributes } = request;
            const options = { importer, resolveDir, kind, with: attributes, pluginData: NAMESPACE };
            const installed = await build.resolve(request.path, options);
            if (installed.errors.length === 0 && !installed.external) return installed;
          }
        } else if (!prefixed) {
          return undefined;
        }
        const path = `node:${name}`;
        if (available(name)) {
          return request.kind === "require-call" ? { path, namespace: NAMESPACE } : { path, external: true };
        }
        // Packages try `require("crypto")` and go on without it: it then throws when it runs, as they expect.
        if (request.kind === "require-call") return { path, external: true };
        return {
          errors: [
            {
              text: `"${request.path}" is a Node module, and this function does not ask for those. Add "nodejs_compat" to compatibility_flags in its config.`,
            },
          ],
        };
      });
      // An ES module cannot `require`: the import is hoisted and its default export handed over.
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: `import builtin from ${JSON.stringify(path)}; module.exports = builtin;`,
        loader: "js",
      }));
    },
  };
}
