import { TTL_SECONDS_MIN } from "../namespace/limits.js";
import { STORE_TTL_SECONDS_MAX } from "./limits.js";

/**
 * The `expirationTtl` that makes the store reclaim an entry once its recipe has no use for it. In Workers a TTL is at
 * least 60 seconds, so a recipe with shorter spans keeps its own deadline beside the value and takes this for cleaning.
 */
export function storeTtl(seconds: number): number {
  return Math.min(STORE_TTL_SECONDS_MAX, Math.max(TTL_SECONDS_MIN, Math.ceil(seconds)));
}
