import { exportNamespaces } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { Route } from "../../api/route.js";
import { queryParam } from "../../http/query.js";
import {
  EXPORT_ANSWER,
  IMPORT_DESCRIPTION,
  PREFIX_PARAMETER,
  receiveEntries,
  sendEntries,
} from "../transfer.js";

/** Several namespaces as one file, out and in. */
export function transferRoutes(context: ApiContext): Route[] {
  return [
    {
      method: "GET",
      path: "/kvasir/export",
      operation: "exportAll",
      access: "read",
      bound: "filtered",
      describe: {
        summary: "The entries of all namespaces that the token may read, as JSON Lines",
        parameters: [PREFIX_PARAMETER],
        answer: EXPORT_ANSWER,
      },
      handle(exchange) {
        const prefix = queryParam(exchange.query, "prefix");
        const among = exchange.matched.principal.namespaces ?? undefined;
        return sendEntries(exchange, "jsonl", ({ onLargeValue }) =>
          exportNamespaces(context, { prefix, among, onLargeValue }),
        );
      },
    },
    {
      method: "POST",
      path: "/kvasir/import",
      operation: "importAll",
      access: "admin",
      bound: "refused",
      describe: {
        summary:
          "Write the entries of a file to the namespaces that it names, creating those that are missing",
        ...IMPORT_DESCRIPTION,
      },
      handle: (exchange) => receiveEntries(exchange, context),
    },
  ];
}
