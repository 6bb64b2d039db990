import type { KvError } from "@kvasir/client/namespace";
import type { Exchange } from "../http/exchange.js";
import type { Access } from "../measures/namespace-stats.js";
import type { RequestStats } from "../measures/request-stats.js";
import { ADMIN, type Principal } from "./auth/scope.js";

/** The route that a request goes to. */
export interface MatchedRoute {
  readonly route: { readonly operation: string };
  readonly dialect: { renderError(exchange: ApiExchange, error: KvError): void };
  readonly stats: RequestStats;
  /** Whether the request changes something. */
  readonly access: Access;
  /** Where among the path's parameters the key is; -1: nowhere. */
  readonly keyIndex: number;
}

/** What the dispatcher has found out about a request. */
export interface MatchedRequest {
  /** `null` until a route matches. */
  readonly compiled: MatchedRoute | null;
  /** The segments that the route's braces match, still percent-encoded. */
  readonly params: readonly string[];
  /** The namespace that the request is about; `""` if it is about none, or until its handler has found it. */
  namespaceId: string;
  /** {@link ADMIN} until authentication. */
  principal: Principal;
}

/** An exchange as routes see it. */
export type ApiExchange = Exchange<MatchedRequest>;

export const UNMATCHED: MatchedRequest = { compiled: null, params: [], namespaceId: "", principal: ADMIN };

/** The segment of the path that names the key, still percent-encoded. */
export function rawKeyOf({ matched: { compiled, params } }: ApiExchange): string {
  return params[compiled?.keyIndex ?? -1] ?? "";
}
