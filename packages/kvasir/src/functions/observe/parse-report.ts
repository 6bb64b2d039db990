import { DURATION_BUCKETS_SECONDS } from "../../wire/duration-buckets.js";
import type { FunctionReport } from "../../wire/function-report.js";
import { objectIn } from "./lines.js";

type Report = Readonly<Record<string, unknown>>;

/**
 * Parses the text after {@link REPORT_MARK}. Returns `undefined` for anything but a report: user code can
 * print the mark.
 */
export function parseReport(text: string): FunctionReport | undefined {
  const report: Report = objectIn(text) ?? {};
  if (typeof report["function"] !== "string") return undefined;
  const isWhole = PARTS[String(report["type"])]?.(report) ?? false;
  return isWhole ? (report as unknown as FunctionReport) : undefined;
}

const PARTS: Readonly<Record<string, ((report: Report) => boolean) | undefined>> = {
  __proto__: null as never,
  error: ({ message, stack, request }) => [message, stack, request ?? ""].every(isString),
  request: ({ request, method, path, status, ms, bytes }) =>
    [request, method, path].every(isString) && [status, ms, bytes ?? 0].every(isNumber),
  requests: ({ statuses, buckets, seconds }) =>
    isObject(statuses) &&
    Object.entries(statuses).every(([status, count]) => /^[1-5]\d\d$/.test(status) && isCount(count)) &&
    Array.isArray(buckets) &&
    buckets.length === DURATION_BUCKETS_SECONDS.length + 1 &&
    buckets.every(isCount) &&
    isNumber(seconds) &&
    seconds >= 0,
  unfinished: ({ tasks }) => isNumber(tasks),
  timeout: () => true,
};

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Report {
  return typeof value === "object" && value !== null;
}
