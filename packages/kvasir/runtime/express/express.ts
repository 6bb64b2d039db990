import { exportedFunction } from "../handler/exported-function.ts";
import { defineGlobals, installTelnyx } from "../handler/install.ts";
import { userEnv } from "../handler/services.ts";
import { reportError } from "../report.ts";
import { BodyError, parseBody } from "./body.ts";
import { Kv } from "./kv.ts";
import { EXECUTION_MS_MAX } from "./limits.ts";
import { ExpressRequest } from "./request.ts";
import { ExpressResponse } from "./response.ts";
import { Router } from "./router.ts";
import type { ExpressSettings } from "./settings.ts";

export { KvNamespace } from "../handler/edge-runtime.ts";
export { env } from "../handler/install.ts";

/** Makes the globals of an Express-style function. Runs before the user's module does. */
export function install(settings: ExpressSettings): void {
  installTelnyx(settings);
  defineGlobals({
    kv: new Kv(settings.ttlUnit),
    env: userEnv(),
    sleep: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)),
    Router,
    __dirname: "/app",
    __filename: "/app/index.js",
  });
}

/**
 * An Express-style function as a Worker. The client has its answer as soon as `res.end` ran; the function goes on to
 * its end. One that ends without an answer gives 204.
 */
export function worker(user: Readonly<Record<string, unknown>>, settings: ExpressSettings): object {
  const handler = exportedFunction(user, settings);
  return {
    async fetch(request: Request, _env: unknown, ctx: ExecutionContext): Promise<Response> {
      let body: unknown;
      try {
        body = await parseBody(request);
      } catch (error) {
        if (error instanceof BodyError) return refusal(error);
        throw error;
      }
      const req = new ExpressRequest(request, body);
      const res = new ExpressResponse(req);
      req.res = res;
      ctx.waitUntil(run(() => handler(req, res, nextOf(res, settings)), res, settings));
      return res.ended;
    },
  };
}

/** Runs to the function's end. Its failures are reported here; they reach nobody else. */
async function run(
  call: () => unknown,
  res: ExpressResponse,
  { name, timeoutMs = EXECUTION_MS_MAX }: ExpressSettings,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Function execution timeout (${timeoutMs}ms)`));
    }, timeoutMs);
  });
  try {
    await Promise.race([settled(call, res), late]);
    if (!res.headersSent) res.status(204).end();
  } catch (error) {
    reportError(name, error);
    fail(res, "Execution failed");
  } finally {
    clearTimeout(timer);
  }
}

async function settled(call: () => unknown, res: ExpressResponse): Promise<void> {
  await call();
  await res.sending;
}

/** The third argument: called with an error it answers 500, without one it does nothing. */
function nextOf(res: ExpressResponse, { name }: ExpressSettings): (error?: unknown) => void {
  return (error) => {
    if (error === undefined || error === null) return;
    reportError(name, error);
    fail(res, "Internal Server Error");
  };
}

function fail(res: ExpressResponse, message: string): void {
  if (res.headersSent) return;
  res.reset();
  res.status(500).json({ success: false, message });
}

function refusal({ status, message }: BodyError): Response {
  return Response.json({ success: false, message }, { status });
}
