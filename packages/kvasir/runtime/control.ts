import { bringsTime, takeTime } from "./fake-date.js";
import { control as gateControl } from "./gate.js";
import { reloadPages } from "./live-reload.js";
import { trigger } from "./scheduled.js";

/**
 * The control entrypoint of a function: its gate, its shutdown, its fake clock and its cron triggers.
 * Requests must know the secret.
 */
export function control(secret: string, functionName = ""): object {
  const gate = gateControl(secret);
  return {
    async fetch(request: Request, env: unknown, ctx: ExecutionContext): Promise<Response> {
      if (bringsTime(request, secret)) return await takeTime(request);
      const reloading = reloadPages(request, secret);
      if (reloading !== undefined) return reloading;
      const { pathname, searchParams } = new URL(request.url);
      if (request.method !== "POST" || pathname !== `/${secret}/scheduled`) return await gate.fetch(request);
      return Response.json(await trigger(functionName, searchParams, { env, ctx }));
    },
  };
}
