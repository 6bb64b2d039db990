import type { ModuleType } from "../config/module-rules.js";

/** One module of a function as workerd loads it. The types are fields of workerd's config. */
export type FunctionModule = {
  readonly name: string;
  /** The user's file that it is made from. `undefined` for a bundle and for modules of ours. */
  readonly path?: string;
} & (
  | { readonly type: "esModule" | "commonJsModule" | "text"; readonly body: string }
  | { readonly type: "data" | "wasm"; readonly body: Uint8Array }
);

/** Where the bundler would write, below the function's folder. Paths in source maps are relative to it. */
export const BUNDLE_FOLDER = ".kvasir-bundle";

/** Name of the module that holds the user's bundled code. It appears in stack frames. */
export const USER_MODULE = "user.js";

/** The names of a site's files, as JSON text (Workers Sites). */
export const SITE_MANIFEST_MODULE = "__STATIC_CONTENT_MANIFEST";

export function esModule(name: string, body: string): FunctionModule {
  return { name, type: "esModule", body };
}

// Before the compatibility date 2022-10-31 workerd's `require` returns the namespace of a file's module.
const REQUIRE = `(name) => {
  const found = require(name);
  return Object.prototype.toString.call(found) === "[object Module]" && "default" in found ? found.default : found;
}`;

/** Code that is no module: it runs in sloppy mode, and its `this` is the global object. */
export function scriptModule(name: string, code: string): FunctionModule {
  // Begins on the first line of the code, so that line numbers do not move.
  return {
    name,
    type: "commonJsModule",
    body: `(function (require) {${code}\n}).call(globalThis, ${REQUIRE});`,
  };
}

/** A file of the user as a module. */
export function functionModule(
  name: string,
  { path, type, content }: { readonly path: string; readonly type: ModuleType; readonly content: Buffer },
): FunctionModule {
  switch (type) {
    case "Text":
      return { name, path, type: "text", body: content.toString() };
    case "Data":
      return { name, path, type: "data", body: content };
    case "CompiledWasm":
      return { name, path, type: "wasm", body: content };
    case "ESModule":
      return { name, path, type: "esModule", body: content.toString() };
    case "CommonJS":
      return { name, path, type: "commonJsModule", body: content.toString() };
  }
}
