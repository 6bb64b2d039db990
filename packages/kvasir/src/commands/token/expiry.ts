import { Failure } from "../../failure/failure.js";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Parses a duration such as `30d`, a date (midnight UTC) or a date and time, to milliseconds since the epoch.
 */
export function parseExpiry(text: string, nowMs: number): number {
  const expiresMs = parseDuration(text, nowMs) ?? parseDate(text);
  if (expiresMs === undefined || !Number.isSafeInteger(expiresMs)) {
    throw new Failure(`"${text}" is neither a duration nor a date.`, {
      hint: "Give --expires as 30d, 12h, 45m or 2w, or as a date such as 2027-01-31.",
    });
  }
  if (expiresMs <= nowMs) {
    throw new Failure(`${text} is not in the future.`, {
      hint: "Give --expires a later time, for example 30d.",
    });
  }
  return expiresMs;
}

function parseDuration(text: string, nowMs: number): number | undefined {
  const [, count, unit = ""] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  return unitMs === undefined ? undefined : nowMs + Number(count) * unitMs;
}

function parseDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(text)) return undefined;
  const timeMs = Date.parse(text);
  // Date.parse reads 2027-02-30 as March 2.
  const asWritten = text.length > 10 || new Date(timeMs || 0).toISOString().startsWith(text);
  return Number.isNaN(timeMs) || !asWritten ? undefined : timeMs;
}
