/** One module of a function as workerd loads it. */
export type FunctionModule =
  | { readonly name: string; readonly type: "esModule" | "text"; readonly body: string }
  | { readonly name: string; readonly type: "data" | "wasm"; readonly body: Uint8Array };

/** Name of the module that holds the user's bundled code. It appears in stack frames. */
export const USER_MODULE = "user.js";

/** The names of a site's files, as JSON text (Workers Sites). */
export const SITE_MANIFEST_MODULE = "__STATIC_CONTENT_MANIFEST";
