import type { ApiContext } from "../../api/api-context.js";
import type { Dialect } from "../../api/route.js";
import { sendError } from "./errors.js";
import { keyListRoutes } from "./key-list.js";
import { namespaceRoutes } from "./namespace-routes.js";
import { TelnyxNamespaces } from "./namespaces.js";
import { API } from "./paths.js";
import { valueRoutes } from "./value-routes.js";

/**
 * Telnyx's storage API v2, in the three forms in which it was documented: `raw` namespaces speak the second and the
 * third, `envelope` namespaces the first.
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

/** The same for functions, under the address that their programs know: keys of the namespaces bound to them only. */
export function functionsTelnyxDialect(context: ApiContext): Dialect {
  const namespaces = new TelnyxNamespaces(context);
  return {
    name: "functions-telnyx",
    prefix: API,
    renderError: sendError,
    routes: [...keyListRoutes(context, namespaces), ...valueRoutes(namespaces)],
  };
}
