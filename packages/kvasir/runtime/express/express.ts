import { exportedFunction } from "../handler/exported-function.js";
import { defineGlobals, installTelnyx } from "../handler/install.js";
import { userEnv } from "../handler/services.js";
import { reportError } from "../report.js";
import { BodyError, parseBody } from "./body.js";
import { Kv } from "./kv.js";
import { EXECUTION_MS_MAX } from "./limits.js";
import { ExpressRequest } from "./request.js";
import { ExpressResponse } from "./response.js";
import { Router } from "./router.js";
import type { ExpressSettings } from "./settings.js";

export { KvNamespace } from "../handler/edge-runtime.js";
export { env } from "../handler/install.js";

/** Defines the globals of an Express-style function. Call it before the user's module runs. */
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
 * Wraps an Express-style function as a Worker. The client gets the response as soon as `res.end` is called;
 * the function continues to its end. A function that ends without a response sends 204.
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

/** Runs the function to its end. Failures are reported here, because no caller sees them. */
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

/**
 * The third argument, `next`. Called with an error it responds with 500. Called without one it does nothing.
 */
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
