export { type AskedAgain, type ResponseCacheOptions, responseCache } from "./cache.js";
export type { FromContext, HonoContext, HonoMiddleware, HonoNext } from "./context.js";
export { type RateLimiterOptions, rateLimiter } from "./rate-limit.js";
export { type SessionMiddlewareOptions, type SessionVariables, sessionMiddleware } from "./sessions.js";
