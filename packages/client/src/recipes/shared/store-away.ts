import { STORE_RETRY_SECONDS } from "./limits.js";

/** The response of middleware while the store is unavailable: problem details (RFC 9457). */
export const STORE_AWAY = {
  status: 503,
  headers: { "Content-Type": "application/problem+json", "Retry-After": String(STORE_RETRY_SECONDS) },
  body: JSON.stringify({
    type: "about:blank",
    title: "Service Unavailable",
    status: 503,
    detail: `Try again in ${STORE_RETRY_SECONDS} s.`,
  }),
} as const;
