export { type Cache, type CachedValue, type CacheStatus, cache } from "./cache/cache.js";
export type { ResponseCachingOptions } from "./cache/cached-responses.js";
export type { ComputeContext } from "./cache/computation.js";
export type { CacheOptions, CachingOptions } from "./cache/options.js";
export {
  type EventLog,
  type EventLogOptions,
  type EventPageOptions,
  eventLog,
} from "./event-log/event-log.js";
export type { LoggedEvent } from "./event-log/logged-event.js";
export type { EventPage } from "./event-log/ordered-log.js";
export { type Experiment, type ExperimentOptions, experiment } from "./experiment/experiment.js";
export type { Exposure, ExposureCounting } from "./experiment/exposure-log.js";
export type { AttributeOperators, AttributeValue, Conditions } from "./flags/conditions.js";
export type { FlagDecision, FlagReason, FlagSource } from "./flags/decision.js";
export type { FlagDefinition, FlagRule } from "./flags/definition.js";
export type { NamedFlag } from "./flags/flag-entries.js";
export type { FlagSet } from "./flags/flag-set.js";
export { type Flags, type FlagsOptions, flags } from "./flags/flags.js";
export type { FlagUser } from "./flags/user.js";
export type { Lease } from "./lock/lease.js";
export { type AcquireOptions, type LockOptions, type Locks, lock } from "./lock/lock.js";
export {
  type CurrentPreferences,
  type MergePatch,
  type Preferences,
  type PreferencesOptions,
  type PreferencesWriteOptions,
  preferences,
} from "./preferences/preferences.js";
export type { RateLimitHeaderStyle, RateLimitPolicy } from "./rate-limit/headers.js";
export {
  type RateLimit,
  type RateLimitAlgorithm,
  type RateLimitOptions,
  rateLimit,
} from "./rate-limit/rate-limit.js";
export type { RateLimitResult } from "./rate-limit/result.js";
export { type CookieAttributes, parseCookies, serializeCookie } from "./sessions/cookie.js";
export type { SessionsOptions } from "./sessions/options.js";
export {
  RequestSession,
  type RequestSessionOptions,
  type SessionAnswer,
} from "./sessions/request-session.js";
export type {
  CreateOptions,
  ListedSession,
  LoginOptions,
  RotateOptions,
  Session,
  Sessions,
} from "./sessions/session.js";
export { SessionCookie, type SessionCookieOptions } from "./sessions/session-cookie.js";
export { newSessionId } from "./sessions/session-id.js";
export { sessions } from "./sessions/sessions.js";
export type { AtomicBinding, Guarantee, GuaranteeOf } from "./shared/binding.js";
export type { Clock } from "./shared/clock.js";
export type { DeepReadonly } from "./shared/deep-readonly.js";
export { stableFraction, stableHash } from "./shared/hash.js";
export type { JsonOf } from "./shared/json.js";
export type { RecipeOptions } from "./shared/options.js";
export { perBinding } from "./shared/per-binding.js";
export type { StoreOutage } from "./shared/store-access.js";
export type { Timer } from "./shared/timer.js";
