import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { isPassedOn, passOn } from "./pass-on.js";

const NAME = "kvasir-own-packages";

/**
 * Lets a function import `@kvasir/client`, recipes included, without installing it. An
 * installed copy wins over ours.
 */
export const ownPackages: Plugin = {
  name: NAME,
  setup(build) {
    build.onResolve({ filter: /^@kvasir\/client(\/|$)/ }, async (request) => {
      if (isPassedOn(request, NAME)) return undefined;
      const installed = await passOn(build, request, NAME);
      if (installed.errors.length === 0) return installed;
      try {
        return { path: fileURLToPath(import.meta.resolve(request.path)), sideEffects: false };
      } catch {
        return { errors: [{ text: `@kvasir/client has no part "${request.path}".` }] };
      }
    });
  },
};
