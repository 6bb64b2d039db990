export type { AtomicBinding, Guarantee, GuaranteeOf } from "./binding.js";
export type { Clock } from "./clock.js";
export type { RecipeOptions } from "./options.js";
export { perBinding } from "./per-binding.js";
export type { RateLimitHeaderStyle, RateLimitPolicy } from "./rate-limit/headers.js";
export {
  type RateLimit,
  type RateLimitAlgorithm,
  type RateLimitOptions,
  rateLimit,
} from "./rate-limit/rate-limit.js";
export type { RateLimitResult } from "./rate-limit/result.js";
