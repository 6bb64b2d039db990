/** The header with the client's address, without a port. */
export const CLIENT_HEADER = "CF-Connecting-IP";
/** The header in which the router passes `request.cf` to functions in other workerds. */
export const CF_HEADER = "Kvasir-Cf";
/** The header in which the router tells functions in other workerds the protocol of the client: http or https. */
export const PROTOCOL_HEADER = "Kvasir-Proto";

/** What Cloudflare's edge would know about a request. */
export interface RequestFacts {
  /** `request.cf`, apart from the properties that depend on the request. */
  readonly cf: Readonly<Record<string, unknown>>;
  /** Ranges of addresses whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
}
