/** From this compatibility date on, workerd enables `nodejs_compat` by default. */
const DEFAULT_SINCE = "2026-08-04";
/** From this compatibility date on, `nodejs_compat` means `nodejs_compat_v2`. */
const V2_SINCE = "2024-09-23";

/** The settings that decide which Node modules a function can import. */
export interface NodeCompatibility {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
}

/**
 * `v2`: all modules and globals of Node, partly as polyfills. `v1`: the modules that workerd has, with the
 * `node:` prefix. `als`: only `node:async_hooks`.
 */
export type NodeMode = "v2" | "v1" | "als" | "none";

/** Chooses as wrangler does (its `getNodeCompat`). */
export function nodeMode({ compatibilityDate, compatibilityFlags }: NodeCompatibility): NodeMode {
  const has = (flag: string) => compatibilityFlags.includes(flag);
  const byDefault = compatibilityDate >= DEFAULT_SINCE;
  const enabled = has("nodejs_compat") || (byDefault && !has("no_nodejs_compat"));
  const v2 = byDefault || (enabled && compatibilityDate >= V2_SINCE);
  if (has("nodejs_compat_v2") || (v2 && !has("no_nodejs_compat_v2"))) return "v2";
  if (enabled) return "v1";
  return has("nodejs_als") ? "als" : "none";
}
