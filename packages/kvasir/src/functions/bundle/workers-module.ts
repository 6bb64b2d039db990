import type { Plugin } from "esbuild";

const WORKERS = "cloudflare:workers";
const NAMESPACE = "kvasir-workers-module";
/** Replaces `waitUntil` by our own, which counts pending work: a stopping process waits for it. */
const MODULE = `export * from "${WORKERS}";
export { waitUntil } from "./kvasir-background.js";
`;

/** Puts our own module between a function and `cloudflare:workers`. */
export const workersModule: Plugin = {
  name: NAMESPACE,
  setup(build) {
    build.onResolve({ filter: /^cloudflare:workers$/ }, ({ namespace, path }) =>
      namespace === NAMESPACE ? { path, external: true } : { path, namespace: NAMESPACE },
    );
    build.onResolve({ filter: /^\.\/kvasir-background\.js$/, namespace: NAMESPACE }, ({ path }) => ({
      path,
      external: true,
    }));
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, () => ({ contents: MODULE, loader: "js" }));
  },
};
