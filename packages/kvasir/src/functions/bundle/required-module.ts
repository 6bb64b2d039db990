import type { OnResolveResult, PluginBuild } from "esbuild";

/**
 * An ES module cannot `require` a module of workerd. `resolveRequired` leads to a module that imports it, and
 * that a bundle can require.
 */
export function supportRequired(build: PluginBuild, namespace: string): void {
  build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({
    contents: `import required from ${JSON.stringify(path)}; module.exports = required;`,
    loader: "js",
    resolveDir: build.initialOptions.absWorkingDir ?? "",
  }));
}

export function resolveRequired(path: string, namespace: string): OnResolveResult {
  return { path, namespace };
}
