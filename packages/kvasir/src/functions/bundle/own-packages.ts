import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const SKIP = Symbol("resolve as usual");

/**
 * Lets a function import `@kvasir/client`, recipes included, without installing it. An
 * installed copy wins over ours.
 */
export const ownPackages: Plugin = {
  name: "kvasir-own-packages",
  setup(build) {
    build.onResolve({ filter: /^@kvasir\/client(\/|$)/ }, async (request) => {
      if (request.pluginData === SKIP) return undefined;
      const { path, importer, resolveDir, kind, with: attributes } = request;
      const options = { importer, resolveDir, kind, with: attributes, pluginData: SKIP };
      const installed = await build.resolve(path, options);
      if (installed.errors.length === 0) return installed;
      try {
        return { path: fileURLToPath(import.meta.resolve(path)), sideEffects: false };
      } catch {
        // The subpath does not exist: report esbuild's own error.
        return { errors: installed.errors };
      }
    });
  },
};
