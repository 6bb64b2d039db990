import { TTL_SECONDS_MIN } from "../../namespace/limits.js";
import { STORE_TTL_SECONDS_MAX } from "./limits.js";

/**
 * The `expirationTtl` after which the store reclaims an entry that its recipe no longer needs. In Workers
 * a TTL is at least 60 seconds. A recipe with shorter spans stores its own deadline with the value, and
 * uses the TTL only to clean up.
 */
export function storeTtl(seconds: number): number {
  return Math.min(STORE_TTL_SECONDS_MAX, Math.max(TTL_SECONDS_MIN, Math.ceil(seconds)));
}
