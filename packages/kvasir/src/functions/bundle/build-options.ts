import type { BuildOptions } from "esbuild";
import type { Bundling } from "../config/bundling.js";
import type { NodeCompatibility } from "./node-mode.js";

/**
 * V8 in workerd runs ES2024. Newer syntax is lowered (decorators, `accessor`), except what it also has
 * (wrangler: deployment-bundle/bundle.ts).
 */
export const SYNTAX = { target: "es2024", supported: { "import-source": true, using: true } } as const;

/** From this compatibility date on, a Worker has `navigator`. */
const NAVIGATOR_SINCE = "2022-03-21";
const PLATFORMS = ["browser", "node", "neutral"] as const;

/** The options that wrangler sets from a config, from its environment and by default. */
export function buildOptions(
  bundling: Bundling,
  compatibility: NodeCompatibility,
  mode: "dev" | "serve",
): Partial<BuildOptions> {
  const { tsconfig, jsxFactory, jsxFragment, keepNames, minify } = bundling;
  const nodeEnv = JSON.stringify(process.env["NODE_ENV"] || (mode === "dev" ? "development" : "production"));
  const platform = PLATFORMS.find((known) => known === process.env["WRANGLER_BUILD_PLATFORM"]);
  return {
    ...SYNTAX,
    platform: platform ?? "browser",
    conditions: process.env["WRANGLER_BUILD_CONDITIONS"]?.split(",") ?? ["workerd", "worker", "browser"],
    define: {
      ...(hasNavigator(compatibility) ? { "navigator.userAgent": '"Cloudflare-Workers"' } : {}),
      "process.env.NODE_ENV": nodeEnv,
      "global.process.env.NODE_ENV": nodeEnv,
      "globalThis.process.env.NODE_ENV": nodeEnv,
      ...bundling.define,
    },
    loader: { ".js": "jsx", ".mjs": "jsx", ".cjs": "jsx" },
    ...(tsconfig === undefined ? {} : { tsconfig }),
    jsxFactory,
    jsxFragment,
    keepNames,
    minify,
  };
}

function hasNavigator({ compatibilityDate, compatibilityFlags }: NodeCompatibility): boolean {
  if (compatibilityFlags.includes("global_navigator")) return true;
  return !compatibilityFlags.includes("no_global_navigator") && compatibilityDate >= NAVIGATOR_SINCE;
}
