import { KvError } from "@kvasir/client/namespace";
import { EXPIRATION_SECONDS_MAX } from "./limits.js";

export interface Expiry {
  /** Absolute expiry, in whole seconds since the epoch. */
  readonly expiration?: number | undefined;
  /** Whole seconds from now. If it is given, `expiration` is ignored and not even validated. */
  readonly expirationTtl?: number | undefined;
}

/**
 * The time when an entry expires, in milliseconds since the epoch, or `null` if it never does. A time to live
 * counts from the start of the current second, as in Workers KV, so that lists show whole seconds.
 *
 * @throws KvError `expiration_invalid` with the texts of Workers KV's backend
 */
export function expirationMsOf(
  { expiration, expirationTtl }: Expiry,
  { nowMs, ttlSecondsMin }: { readonly nowMs: number; readonly ttlSecondsMin: number },
): number | null {
  const nowSeconds = Math.floor(nowMs / 1000);
  if (expirationTtl !== undefined) {
    if (!isSeconds(expirationTtl) || expirationTtl <= 0 || !isSeconds(nowSeconds + expirationTtl)) {
      throw invalid(`Invalid expiration_ttl of ${expirationTtl}. Please specify integer greater than 0.`);
    }
    if (expirationTtl < ttlSecondsMin) {
      throw invalid(
        `Invalid expiration_ttl of ${expirationTtl}. Expiration TTL must be at least ${ttlSecondsMin}.`,
      );
    }
    return (nowSeconds + expirationTtl) * 1000;
  }
  if (expiration === undefined) return null;
  if (!isSeconds(expiration) || expiration <= nowSeconds) {
    throw invalid(
      `Invalid expiration of ${expiration}. Please specify integer greater than the current number of seconds since the UNIX epoch.`,
    );
  }
  if (expiration < nowSeconds + ttlSecondsMin) {
    throw invalid(
      `Invalid expiration of ${expiration}. Expiration times must be at least ${ttlSecondsMin} seconds in the future.`,
    );
  }
  return expiration * 1000;
}

function isSeconds(value: number): boolean {
  return Number.isInteger(value) && value <= EXPIRATION_SECONDS_MAX;
}

function invalid(message: string): KvError {
  return new KvError("expiration_invalid", message);
}
