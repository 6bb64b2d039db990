import { createRequire } from "node:module";
import { isAbsolute, join } from "node:path";
import type { Plugin } from "esbuild";
import { isPassedOn, passOn } from "./pass-on.js";

const NAME = "kvasir-alias";

/** The config's `alias`: replaces imports of exactly these texts. */
export function aliases(alias: Readonly<Record<string, string>>, root: string): Plugin {
  const names = Object.keys(alias).map((name) => name.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  const fromRoot = createRequire(join(root, "package.json"));
  return {
    name: NAME,
    setup(build) {
      if (names.length === 0) return;
      build.onResolve({ filter: new RegExp(`^(${names.join("|")})$`) }, async (request) => {
        const target = alias[request.path];
        if (target === undefined || isPassedOn(request, NAME)) return undefined;
        // As in wrangler, Node's rules come first, so that a package has its variant for Node.
        const path = resolved(fromRoot, target);
        if (path !== undefined) return { path };
        return passOn(build, request, NAME, { path: target, resolveDir: root });
      });
    },
  };
}

function resolved(from: NodeJS.Require, target: string): string | undefined {
  try {
    const path = from.resolve(target);
    return isAbsolute(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
