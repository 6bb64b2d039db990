export type {
  ExpressMiddleware,
  ExpressNext,
  ExpressRequest,
  ExpressResponse,
  FromRequest,
} from "./context.js";
export { type RateLimiterOptions, rateLimiter } from "./rate-limit.js";
export { type SessionMiddlewareOptions, sessionMiddleware, type WithSession } from "./sessions.js";
