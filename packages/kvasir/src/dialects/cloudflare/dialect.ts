import type { ApiContext } from "../../api/api-context.js";
import type { Dialect } from "../../api/route.js";
import { accountRoutes } from "./accounts.js";
import { bulkRoutes } from "./bulk.js";
import { sendError } from "./errors.js";
import { keyRoutes } from "./keys.js";
import { namespaceRoutes } from "./namespaces.js";
import { valueRoutes } from "./values.js";

/** The part of Cloudflare's REST API v4 that concerns KV, and the requests that its clients make before. */
export function cloudflareDialect(context: ApiContext): Dialect {
  return {
    name: "cloudflare",
    prefix: "/client/v4",
    renderError: sendError,
    routes: [
      ...valueRoutes(context),
      ...keyRoutes(context),
      ...bulkRoutes(context),
      ...namespaceRoutes(context),
      ...accountRoutes(context),
    ],
  };
}
