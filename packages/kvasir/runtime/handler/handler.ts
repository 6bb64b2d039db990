import { exportedFunction } from "./exported-function.ts";
import { defineGlobals, handlerGlobals, installTelnyx } from "./install.ts";
import { prelude } from "./prelude.ts";
import { userEnv } from "./services.ts";
import type { ScriptSettings } from "./settings.ts";

export { KvNamespace } from "./edge-runtime.ts";
export { env, installTelnyx } from "./install.ts";

/** Makes the globals of a function `handler(request)`. Runs before the user's module does. */
export function install(settings: ScriptSettings): void {
  installTelnyx(settings);
  const [first] = settings.namespaces;
  defineGlobals({ ...handlerGlobals(settings), ...(first === undefined ? {} : prelude(first.id)) });
}

/** A function `handler(request)` as a Worker. */
export function worker(user: Readonly<Record<string, unknown>>, settings: ScriptSettings): object {
  const handler = exportedFunction(user, settings);
  return {
    async fetch(request: Request, _env: unknown, ctx: unknown): Promise<Response> {
      const answer: unknown = await handler(request, userEnv(), ctx);
      if (answer instanceof Response) return answer;
      throw new TypeError(
        `handler() did not return a Response but ${answer === null ? "null" : typeof answer}. Is a "return" missing?`,
      );
    },
  };
}
