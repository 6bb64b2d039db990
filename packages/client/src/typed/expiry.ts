import { TTL_SECONDS_MIN } from "../namespace/limits.js";
import { ValidationError } from "./errors/failures.js";

/** When an entry expires. */
export interface KVExpiry {
  /** TTL in seconds, at least 60. @default the client's `defaultTtl` */
  readonly ttl?: number | undefined;
  /** Absolute expiry in seconds since the epoch. It wins over every TTL. `0` counts as missing. */
  readonly expiration?: number | undefined;
}

/**
 * Checks a TTL in seconds. `undefined` is valid. Unlike the original it also rejects `NaN` and `Infinity`,
 * which Workers KV would treat as 0.
 *
 * @param ttlMin smallest TTL that the binding accepts; 60 for Workers KV
 * @throws ValidationError with issue code `WORKKIT_KV_TTL_TOO_LOW`
 */
export function assertValidTtl(ttl: number | undefined, ttlMin: number = TTL_SECONDS_MIN): void {
  if (ttl === undefined || (ttl >= ttlMin && ttl < Number.POSITIVE_INFINITY)) return;
  throw new ValidationError(`KV expiration TTL must be at least ${ttlMin} seconds, received ${ttl}`, [
    { path: ["ttl"], message: `Minimum TTL is ${ttlMin} seconds`, code: "WORKKIT_KV_TTL_TOO_LOW" },
  ]);
}

/** Converts an expiry to the options of a binding's `put`. */
export function bindingExpiry(
  { ttl, expiration }: KVExpiry,
  { defaultTtl, ttlMin }: { readonly defaultTtl: number | undefined; readonly ttlMin: number },
): { expiration?: number; expirationTtl?: number } {
  if (expiration) return { expiration };
  const expirationTtl = ttl ?? defaultTtl;
  assertValidTtl(expirationTtl, ttlMin);
  return expirationTtl === undefined ? {} : { expirationTtl };
}
