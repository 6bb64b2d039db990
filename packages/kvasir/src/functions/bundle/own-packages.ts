import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const SKIP = Symbol("resolve as usual");

/** Lets a function import `@kvasir/client`, recipes included, without installing it: its own copy wins, else ours. */
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
        // A subpath that does not exist: esbuild's own words for it.
        return { errors: installed.errors };
      }
    });
  },
};
