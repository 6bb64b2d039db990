import { collectWaitUntil } from "./background.js";
import { reportError } from "./report.js";

/** `env` and `ctx` of the request that triggers the handler. */
export interface Surroundings {
  readonly env: unknown;
  readonly ctx: ExecutionContext | undefined;
}

type RunScheduled = (
  controller: ScheduledController,
  env: unknown,
  ctx: ExecutionContext | undefined,
) => unknown;

let runScheduled: RunScheduled | undefined;

/** Sets the function's `scheduled` handler. */
export function onSchedule(run: RunScheduled): void {
  runScheduled = run;
}

export interface ScheduledResult {
  readonly outcome: "ok" | "exception";
  readonly noRetry: boolean;
}

const withoutRetry = new WeakSet<ScheduledController>();

/** The first argument of `scheduled`. The names are Cloudflare's. */
export class ScheduledController {
  readonly cron: string;
  /** In milliseconds since the epoch. */
  readonly scheduledTime: number;

  constructor(cron: string, scheduledTime: number) {
    this.cron = cron;
    this.scheduledTime = scheduledTime;
  }

  noRetry(): void {
    withoutRetry.add(this);
  }
}

/**
 * Runs the handler once. Like in workerd, a failure of work in `waitUntil` is a failure of the run.
 *
 * @param params `cron` and `time` (milliseconds since the epoch), as in `wrangler dev`
 */
export async function trigger(
  functionName: string,
  params: URLSearchParams,
  surroundings: Surroundings,
): Promise<ScheduledResult> {
  const controller = new ScheduledController(params.get("cron") ?? "", timeOf(params));
  if (runScheduled === undefined) {
    reportError(functionName, new Error("Handler does not export a scheduled() function"));
    return { outcome: "exception", noRetry: true };
  }
  const { ctx } = surroundings;
  const work = ctx === undefined ? [] : collectWaitUntil(ctx);
  let outcome: ScheduledResult["outcome"] = "ok";
  try {
    await runHandler(controller, surroundings);
  } catch (error) {
    reportError(functionName, error);
    outcome = "exception";
  }
  // Work may begin more work: the list grows.
  for (const promise of work) {
    try {
      await promise;
    } catch {
      // background.ts reports it.
      outcome = "exception";
    }
  }
  return { outcome, noRetry: withoutRetry.has(controller) };
}

/** Runs the handler, if there is one. */
export async function runHandler(controller: ScheduledController, { env, ctx }: Surroundings): Promise<void> {
  await runScheduled?.(controller, env, ctx);
}

function timeOf(params: URLSearchParams): number {
  const time = params.get("time");
  if (time === null || time === "") return Date.now();
  const ms = Number.parseInt(time, 10);
  if (Number.isNaN(new Date(ms).getTime())) {
    throw new TypeError("The value cannot be converted because it is not a valid Date.");
  }
  return ms;
}
