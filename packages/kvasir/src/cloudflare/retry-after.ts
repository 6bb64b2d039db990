import { RETRY_AFTER_MS_MAX } from "./limits.js";

/**
 * The pause that a `Retry-After` header asks for, in milliseconds: it holds seconds or a date (RFC 9110,
 * section 10.2.3). `undefined` for a header that is missing or not one of them.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX);
}
