import type { KvError, TokenScope } from "@kvasir/client/namespace";
import type { MaybePromise } from "@kvasir/store";
import type { ApiExchange } from "./api-exchange.js";
import type { OperationDescription } from "./operation-description.js";

export type Method = "GET" | "PUT" | "POST" | "DELETE" | "PURGE";

/**
 * One operation of the API. The table of routes decides what is served, measured, authorised and described.
 */
export interface Route {
  readonly method: Method;
  /**
   * A segment `{name}` matches any one segment and `{name+}` one or more. They reach the handler
   * percent-encoded. Two names have a meaning: the key is `{key_name}`, and a token bound to namespaces is
   * checked against `{namespace_id}`.
   */
  readonly path: string;
  /** Stable and unique. The label in metrics and the `operationId` in the OpenAPI document. */
  readonly operation: string;
  /** The lowest scope that a token needs, or `open` if no token is needed. */
  readonly access: TokenScope | "open";
  /**
   * How a token that is bound to namespaces is treated if the request does not name a namespace. Every such
   * operation must say so.
   *
   * - `refused`: the operation concerns all namespaces, or the server
   * - `filtered`: the handler shows only what belongs to the token's namespaces
   * - `harmless`: the response does not depend on what is stored
   */
  readonly bound?: "refused" | "filtered" | "harmless";
  readonly describe: OperationDescription;
  handle(exchange: ApiExchange): MaybePromise<void>;
}

/** One wire API: its routes, and the form of its errors. */
export interface Dialect {
  readonly name: string;
  /** Every path under this prefix gets responses in this dialect, even if no route matches. */
  readonly prefix: string;
  /** Whether each request names its namespace in a header and not in its path. @default false */
  readonly namespaceInHeader?: boolean;
  readonly routes: readonly Route[];
  renderError(exchange: ApiExchange, error: KvError): void;
}
