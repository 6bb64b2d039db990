import { Failure } from "../../failure/failure.js";
import { parseDate, parseDuration } from "../options/times.js";

/**
 * Parses a duration such as `30d`, a date (midnight UTC) or a date and time, to milliseconds since the epoch.
 */
export function parseExpiry(text: string, nowMs: number): number {
  const durationMs = parseDuration(text);
  const expiresMs = durationMs === undefined ? parseDate(text) : nowMs + durationMs;
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
