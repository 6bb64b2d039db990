import { bucketOf, DURATION_BUCKETS_SECONDS } from "../src/wire/duration-buckets.js";
import { beforeEnd, isStopping, waitUntilUncounted } from "./background.js";
import { report } from "./report.js";

/**
 * Counts of requests for `/metrics`. They are reported about once a second, because a report for each request would
 * cost more than a read of a key.
 */

const REPORT_INTERVAL_MS = 1_000;
/** workerd may drop the timer of a report together with the request that started it. */
const REPORT_LOST_MS = 5_000;

let statuses: Record<string, number> = {};
let buckets = noBuckets();
let seconds = 0;
/** When the report was planned that will contain these counts. */
let plannedMs: number | undefined;

/** Call it within the request. */
export function countRequest(
  functionName: string,
  { status, ms, nowMs }: { readonly status: number; readonly ms: number; readonly nowMs: number },
): void {
  statuses[status] = (statuses[status] ?? 0) + 1;
  const bucket = bucketOf(ms / 1000);
  buckets[bucket] = (buckets[bucket] as number) + 1;
  seconds += ms / 1000;
  if (isStopping()) {
    send(functionName);
    return;
  }
  if (plannedMs !== undefined && nowMs - plannedMs < REPORT_LOST_MS) return;
  plannedMs = nowMs;
  beforeEnd(() => send(functionName));
  waitUntilUncounted(scheduler.wait(REPORT_INTERVAL_MS).then(() => send(functionName)));
}

function send(functionName: string): void {
  plannedMs = undefined;
  if (Object.keys(statuses).length === 0) return;
  report({ type: "requests", function: functionName, statuses, buckets, seconds });
  statuses = {};
  buckets = noBuckets();
  seconds = 0;
}

function noBuckets(): number[] {
  return Array<number>(DURATION_BUCKETS_SECONDS.length + 1).fill(0);
}
