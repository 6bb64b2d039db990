import type { ModuleType } from "../config/module-rules.js";

/** One module of a function as workerd loads it. The types are fields of workerd's config. */
export type FunctionModule =
  | { readonly name: string; readonly type: "esModule" | "commonJsModule" | "text"; readonly body: string }
  | { readonly name: string; readonly type: "data" | "wasm"; readonly body: Uint8Array };

/** Name of the module that holds the user's bundled code. It appears in stack frames. */
export const USER_MODULE = "user.js";

export function functionModule(name: string, type: ModuleType, content: Buffer): FunctionModule {
  switch (type) {
    case "Text":
      return { name, type: "text", body: content.toString() };
    case "Data":
      return { name, type: "data", body: content };
    case "CompiledWasm":
      return { name, type: "wasm", body: content };
    case "ESModule":
      return { name, type: "esModule", body: content.toString() };
    case "CommonJS":
      return { name, type: "commonJsModule", body: content.toString() };
  }
}
