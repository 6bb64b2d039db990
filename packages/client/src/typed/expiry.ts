import { TTL_SECONDS_MIN } from "../namespace/limits.js";
import { ValidationError } from "./errors/failures.js";

/** When an entry shall go. */
export interface KVExpiry {
  /** Time to live in seconds, at least 60. @default the client's `defaultTtl` */
  readonly ttl?: number | undefined;
  /** Absolute expiry in seconds since the epoch; wins over every TTL. `0` counts as not given. */
  readonly expiration?: number | undefined;
}

/**
 * Checks a time to live in seconds; `undefined` passes. Unlike the original it also refuses `NaN` and `Infinity`,
 * which Workers KV would take for 0.
 *
 * @param ttlMin what the binding accepts; 60 for Workers KV
 * @throws ValidationError with issue code `WORKKIT_KV_TTL_TOO_LOW`
 */
export function assertValidTtl(ttl: number | undefined, ttlMin: number = TTL_SECONDS_MIN): void {
  if (ttl === undefined || (ttl >= ttlMin && ttl < Number.POSITIVE_INFINITY)) return;
  throw new ValidationError(`KV expiration TTL must be at least ${ttlMin} seconds, received ${ttl}`, [
    { path: ["ttl"], message: `Minimum TTL is ${ttlMin} seconds`, code: "WORKKIT_KV_TTL_TOO_LOW" },
  ]);
}

/** The options of a binding's `put` for an expiry. */
export function bindingExpiry(
  { ttl, expiration }: KVExpiry,
  { defaultTtl, ttlMin }: { readonly defaultTtl: number | undefined; readonly ttlMin: number },
): { expiration?: number; expirationTtl?: number } {
  if (expiration) return { expiration };
  const expirationTtl = ttl ?? defaultTtl;
  assertValidTtl(expirationTtl, ttlMin);
  return expirationTtl === undefined ? {} : { expirationTtl };
}
