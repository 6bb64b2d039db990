import type { ApiContext } from "../../api/api-context.js";
import type { Dialect } from "../../api/route.js";
import { sendError } from "./errors.js";
import { keyListRoutes } from "./key-list.js";
import { namespaceRoutes } from "./namespace-routes.js";
import { TelnyxNamespaces } from "./namespaces.js";
import { API } from "./paths.js";
import { valueRoutes } from "./value-routes.js";

/**
 * Telnyx's storage API v2, in its three documented forms: `raw` namespaces use the second and third,
 * `envelope` namespaces the first.
 */
export function telnyxDialect(context: ApiContext): Dialect {
  const namespaces = new TelnyxNamespaces(context);
  return {
    name: "telnyx",
    prefix: API,
    renderError: sendError,
    routes: [
      ...namespaceRoutes(context, namespaces),
      ...keyListRoutes(context, namespaces),
      ...valueRoutes(namespaces),
    ],
  };
}

/**
 * The same for functions, under the address that their programs know. It serves only the keys of the
 * namespaces bound to them.
 */
export function functionsTelnyxDialect(context: ApiContext): Dialect {
  const namespaces = new TelnyxNamespaces(context);
  return {
    name: "functions-telnyx",
    prefix: API,
    renderError: sendError,
    routes: [...keyListRoutes(context, namespaces), ...valueRoutes(namespaces)],
  };
}
