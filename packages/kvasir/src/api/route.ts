import type { KvError } from "@kvasir/client/namespace";
import type { MaybePromise } from "@kvasir/store";
import type { ApiExchange } from "./api-exchange.js";
import type { Scope } from "./auth/scope.js";
import type { OperationDescription } from "./operation-description.js";

export type Method = "GET" | "PUT" | "POST" | "DELETE";

/** One operation of the API. The table of these is what is served, measured, authorised and described. */
export interface Route {
  readonly method: Method;
  /**
   * Segments in braces match any one segment, `{name+}` one or more, and reach the handler percent-encoded. `{namespace_id}` and
   * `{key_name}` are known by name: a token bound to namespaces is checked against the first.
   */
  readonly path: string;
  /** Stable and unique: the label in metrics, the `operationId` in the OpenAPI document. */
  readonly operation: string;
  /** The least scope that a token needs; `open`: none. */
  readonly access: Scope | "open";
  /**
   * What becomes of a token that is bound to namespaces, where the request names none: every such operation has to say.
   *
   * - `refused`: it is about all namespaces, or about the server
   * - `filtered`: its handler shows what belongs to the token's namespaces, and nothing else
   * - `harmless`: what it shows is the same whatever is stored
   */
  readonly bound?: "refused" | "filtered" | "harmless";
  readonly describe: OperationDescription;
  handle(exchange: ApiExchange): MaybePromise<void>;
}

/** One wire API: its routes, and the shape in which it reports errors. */
export interface Dialect {
  readonly name: string;
  /** Everything under it is answered in this dialect, also what no route matches. */
  readonly prefix: string;
  /** Whether each request names its namespace in a header, so that paths name none. @default false */
  readonly namespaceInHeader?: boolean;
  readonly routes: readonly Route[];
  renderError(exchange: ApiExchange, error: KvError): void;
}
