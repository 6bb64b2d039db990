/** One module of a function as workerd loads it. */
export type FunctionModule =
  | { readonly name: string; readonly type: "esModule" | "text"; readonly body: string }
  | { readonly name: string; readonly type: "data" | "wasm"; readonly body: Uint8Array };

/** The name of the module that the user's code is bundled into; stack frames show it. */
export const USER_MODULE = "user.js";
