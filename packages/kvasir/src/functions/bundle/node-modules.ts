import { createRequire } from "node:module";
import { isAbsolute } from "node:path";
import type { Plugin, PluginBuild } from "esbuild";
import type { NodeCompatibility } from "./node-mode.js";
import { resolveRequired, supportRequired } from "./required-module.js";

const REQUIRED = "kvasir-node-required";
const REQUIRED_SHIM = "kvasir-node-shim-required";
const GLOBAL = "kvasir-node-global";
// The polyfills are packages that this package depends on, so they resolve from here in any layout of
// node_modules, whatever the user has installed.
const installed = createRequire(import.meta.url);

/**
 * All Node modules and globals of a compatibility date, as wrangler provides them: workerd's own modules, and
 * polyfills for the others.
 */
export async function allNodeModules(compatibility: NodeCompatibility): Promise<Plugin> {
  const [{ defineEnv }, { getCloudflarePreset, nonPrefixedNodeModules }] = await Promise.all([
    import("unenv"),
    import("@cloudflare/unenv-preset"),
  ]);
  const { compatibilityDate, compatibilityFlags } = compatibility;
  const preset = getCloudflarePreset({ compatibilityDate, compatibilityFlags: [...compatibilityFlags] });
  const { alias, inject, external, polyfill } = defineEnv({ presets: [preset], npmShims: true }).env;
  const native = new Set(external);
  const names = new RegExp(`^(${nonPrefixedNodeModules.join("|")}|node:.+)$`);
  // The stub of this package prints nothing. Its own code works in a Worker.
  const shims = Object.keys(alias).filter((name) => name !== "debug" && !names.test(name));
  const known = new RegExp(`^(${nonPrefixedNodeModules.join("|")}|node:.+|${shims.join("|")})$`);

  return {
    name: "kvasir-node-modules",
    setup(build) {
      build.onResolve({ filter: known }, ({ path, kind }) => {
        const target = alias[path];
        if (target === undefined) return { errors: [{ text: unknownModule(path) }] };
        if (kind === "require-call" && names.test(path)) return resolveRequired(path, REQUIRED);
        if (kind === "require-call") return { path, namespace: REQUIRED_SHIM };
        if (native.has(target)) return { path: prefixed(target), external: true };
        return { path: installed.resolve(target) };
      });
      build.onResolve({ filter: /^debug$/ }, ({ importer }) => nodeVariant("debug", importer));
      supportRequired(build, REQUIRED);
      build.onLoad({ filter: /.*/, namespace: REQUIRED_SHIM }, ({ path }) => ({
        contents: requiredShim(path),
        loader: "js",
        resolveDir: build.initialOptions.absWorkingDir ?? "",
      }));
      injectGlobals(build, inject);
      build.initialOptions.inject = [
        ...(build.initialOptions.inject ?? []),
        ...polyfill.map((module) => installed.resolve(module)),
      ];
    },
  };
}

/** The module whose exports a global comes from: its default export, or the named one. */
type Injected = Readonly<Record<string, string | readonly string[]>>;

/** Sets the globals that workerd lacks at this date before any other module runs. */
function injectGlobals(build: PluginBuild, inject: Injected): void {
  const globals = Object.entries(inject);
  if (globals.length === 0) return;
  const statements = globals.map(([name, source], at) => {
    const [module, member = "default"] = typeof source === "string" ? [source] : source;
    return `import { ${member} as value${at} } from ${JSON.stringify(module)};\nglobalThis.${name} = value${at};`;
  });
  build.initialOptions.inject = [...(build.initialOptions.inject ?? []), GLOBAL];
  build.onResolve({ filter: new RegExp(`(^|[\\\\/])${GLOBAL}$`) }, () => ({
    path: GLOBAL,
    namespace: GLOBAL,
  }));
  build.onResolve({ filter: /.*/, namespace: GLOBAL }, ({ path }) => ({ path: installed.resolve(path) }));
  build.onLoad({ filter: /.*/, namespace: GLOBAL }, () => ({
    contents: statements.join("\n"),
    loader: "js",
  }));
}

function prefixed(name: string): string {
  return name.startsWith("node:") ? name : `node:${name}`;
}

/** What Node itself would load, instead of the variant for browsers. */
function nodeVariant(name: string, importer: string): { path: string } | undefined {
  if (!isAbsolute(importer)) return undefined;
  try {
    return { path: createRequire(importer).resolve(name) };
  } catch {
    return undefined;
  }
}

/** The exports of an ES module as a CommonJS module: the default export with the named ones on it. */
function requiredShim(path: string): string {
  return `import * as shim from ${JSON.stringify(path)};
const exported = "default" in shim ? shim.default : {};
for (const [name, value] of Object.entries(shim)) {
  if (name !== "default") Object.defineProperty(exported, name, { value, enumerable: true });
}
module.exports = exported;
`;
}

function unknownModule(path: string): string {
  return `"${path}" is not a module of Node that Workers have.`;
}
