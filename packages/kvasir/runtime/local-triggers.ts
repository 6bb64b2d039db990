import { runHandler, ScheduledController, type Surroundings, trigger } from "./scheduled.js";

/** wrangler's paths, of newer and older versions. */
const SCHEDULED = /^\/cdn-cgi\/(?:local|handler|mf)\/scheduled$/;
const EMAIL = /^\/cdn-cgi\/(?:local|handler)\/email$/;
/** With `--test-scheduled`. */
const TEST_SCHEDULED = "/__scheduled";

export interface LocalTriggerOptions {
  readonly name: string;
  readonly testScheduled: boolean;
}

/**
 * The paths that trigger handlers by hand in `dev`, as in `wrangler dev`. Returns `undefined` for other paths.
 *
 * @param path path and query of the request
 */
export function localTrigger(
  request: Request,
  path: string,
  { name, testScheduled }: LocalTriggerOptions,
  surroundings: Surroundings,
): Promise<Response> | undefined {
  // Cheap for all other requests.
  if (!path.startsWith("/cdn-cgi/") && !(testScheduled && path.startsWith(TEST_SCHEDULED))) return undefined;
  const { pathname, searchParams, hostname } = new URL(request.url);
  const byHand = SCHEDULED.test(pathname);
  if (!byHand && !(testScheduled && pathname === TEST_SCHEDULED)) {
    return EMAIL.test(pathname) ? text("Kvasir does not trigger email() handlers.\n", 501) : undefined;
  }
  if (isForeign(request, hostname)) return text("Invalid Host or Origin header\n", 403);
  return byHand ? scheduled(name, searchParams, surroundings) : testRun(searchParams, surroundings);
}

async function scheduled(
  name: string,
  params: URLSearchParams,
  surroundings: Surroundings,
): Promise<Response> {
  const result = await trigger(name, params, surroundings);
  const status = result.outcome === "ok" ? 200 : 500;
  return params.get("format") === "json"
    ? Response.json(result, { status })
    : new Response(result.outcome, { status });
}

/** Unlike the other path it shows what the handler throws, and does not wait for work in `waitUntil`. */
async function testRun(params: URLSearchParams, surroundings: Surroundings): Promise<Response> {
  await runHandler(new ScheduledController(params.get("cron") ?? "", Date.now()), surroundings);
  return new Response("Ran scheduled event");
}

async function text(body: string, status: number): Promise<Response> {
  return new Response(body, { status });
}

/** A page of another site must not reach these paths: neither directly, nor under a name that it resolves. */
function isForeign(request: Request, hostname: string): boolean {
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  const isLocal = isAddress || hostname === "localhost" || hostname.endsWith(".localhost");
  const origin = request.headers.get("Origin");
  return !isLocal || (origin !== null && origin !== new URL(request.url).origin);
}
