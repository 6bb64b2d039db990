import { exportedFunction } from "./exported-function.js";
import { defineGlobals, handlerGlobals, installTelnyx } from "./install.js";
import { prelude } from "./prelude.js";
import { userEnv } from "./services.js";
import type { ScriptSettings } from "./settings.js";

export { KvNamespace } from "./edge-runtime.js";
export { env, installTelnyx } from "./install.js";

/** Defines the globals of a function `handler(request)`. Call it before the user's module runs. */
export function install(settings: ScriptSettings): void {
  installTelnyx(settings);
  const [first] = settings.namespaces;
  defineGlobals({ ...handlerGlobals(settings), ...(first === undefined ? {} : prelude(first.id)) });
}

/** Wraps a function `handler(request)` as a Worker. */
export function worker(user: Readonly<Record<string, unknown>>, settings: ScriptSettings): object {
  const handler = exportedFunction(user, settings);
  return {
    async fetch(request: Request, _env: unknown, ctx: unknown): Promise<Response> {
      const result: unknown = await handler(request, userEnv(), ctx);
      if (result instanceof Response) return result;
      throw new TypeError(
        `handler() did not return a Response but ${result === null ? "null" : typeof result}. Is a "return" missing?`,
      );
    },
  };
}
