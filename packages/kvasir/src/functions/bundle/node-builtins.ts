import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";

const BUILTINS = new Set(builtinModules.filter((name) => !name.startsWith("_")));
const NAMESPACE = "node-builtin-required";

/** From this compatibility date on, workerd enables `nodejs_compat` by default. */
const DEFAULT_SINCE = "2026-08-04";

/** The settings that decide which Node modules a function can import. */
export interface NodeCompatibility {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
}

/**
 * Leaves Node's modules to workerd, which provides them under the `node:` prefix and only with the flag
 * `nodejs_compat`. The flags are read at each import: some function dialects add the flag, and the dialect is
 * known only after the entry module has been read. Without the flag an import of a Node module is a build
 * error, which is clearer than workerd's error at run time.
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
          // Without the flag, a package of the same name in node_modules (`buffer`, `events`, `process`) is
          // used. With the flag, workerd's module wins: it is faster and complete.
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
        // Packages try `require("crypto")` and catch the error. Keep it external, so that it
        // throws at run time as they expect.
        if (request.kind === "require-call") return { path, external: true };
        return {
          errors: [
            {
              text: `"${request.path}" is a Node module, and this function does not ask for those. Add "nodejs_compat" to compatibility_flags in its config.`,
            },
          ],
        };
      });
      // An ES module cannot `require`: import the module and export its default export.
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: `import builtin from ${JSON.stringify(path)}; module.exports = builtin;`,
        loader: "js",
      }));
    },
  };
}
