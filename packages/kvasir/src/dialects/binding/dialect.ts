import { type KvError, statusOf } from "@kvasir/client/namespace";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Dialect, Route } from "../../api/route.js";
import { errorBody } from "../../http/error-body.js";
import { SHORT_LIVED_PATH } from "../../wire/names.js";
import { bulkRoutes } from "./bulk.js";
import { entryRoutes } from "./entry.js";
import { listingRoutes } from "./listing.js";
import { readBatchRoute } from "./read-batch.js";
import { transferRoutes } from "./transfer.js";

/** The protocol between workerd and a `kvNamespace` service, with Kvasir's extensions, on the API port. */
export function bindingDialect(context: ApiContext): Dialect {
  const prefix = "/binding/{namespace_id}";
  return {
    name: "binding",
    prefix: "/binding",
    routes: [...routes(context, prefix), ...transferRoutes(context, prefix)],
    renderError,
  };
}

/**
 * The same for workerd itself, which names the namespace in a header, and for operations that only our code
 * inside workerd uses.
 */
export function functionsDialect(context: ApiContext): Dialect {
  return {
    name: "functions",
    prefix: "",
    namespaceInHeader: true,
    routes: [readBatchRoute(context), ...routes(context, "")],
    renderError,
  };
}

/**
 * The same for bindings that are not Workers KV's, in which entries may live for one second and not only for
 * 60. It has a path of its own, because the header that a binding sends names only the namespace.
 */
export function shortLivedDialect(context: ApiContext): Dialect {
  return {
    name: "functions-short-lived",
    prefix: SHORT_LIVED_PATH,
    namespaceInHeader: true,
    routes: routes(context, SHORT_LIVED_PATH),
    renderError,
  };
}

function routes(context: ApiContext, prefix: string): Route[] {
  return [...listingRoutes(context, prefix), ...bulkRoutes(context, prefix), ...entryRoutes(context, prefix)];
}

/** Workers show only the reason phrase of an error response. Other clients can read the body. */
function renderError(exchange: ApiExchange, error: KvError): void {
  const headers = ["Content-Type", "application/json; charset=utf-8"];
  if (error.code === "unauthorized") headers.push("WWW-Authenticate", "Bearer");
  exchange.sendError(statusOf(error.code), headers, errorBody(error), error.message);
}
