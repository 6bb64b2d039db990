import { readFileSync } from "node:fs";
import { packageFile } from "../../package/package-files.js";

type RuntimeName =
  | "assets"
  | "background"
  | "before"
  | "entry"
  | "handler"
  | "express"
  | "error-page"
  | "forward"
  | "kv-binding"
  | "rate-limit"
  | "router"
  | "site-content"
  | "unavailable"
  | "unsupported-binding";

/** workerd's main module. The prefix keeps it apart from modules of the user. */
export const MAIN_MODULE = "kvasir-main.js";

const sources = new Map<RuntimeName, string>();

/**
 * The modules that every main module needs: the code around the function, and the count of its background
 * work.
 */
export function entryModules(): readonly ReturnType<typeof runtimeModule>[] {
  return [runtimeModule("entry"), runtimeModule("background")];
}

/** One of our own modules for workerd, bundled from `runtime/` by `npm run build`. */
export function runtimeModule(name: RuntimeName): {
  readonly name: string;
  readonly type: "esModule";
  readonly body: string;
} {
  let body = sources.get(name);
  if (body === undefined) {
    body = readFileSync(packageFile(`dist/runtime/${name}.js`), "utf8");
    sources.set(name, body);
  }
  return { name: `kvasir-${name}.js`, type: "esModule", body };
}
