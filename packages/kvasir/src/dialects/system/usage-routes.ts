import type { NamespaceUsage } from "@kvasir/store";
import type { Route } from "../../api/route.js";

/** What the namespaces hold. */
export function usageRoutes(usage: () => Promise<readonly NamespaceUsage[]>): Route[] {
  return [
    {
      method: "GET",
      path: "/kvasir/usage",
      operation: "usage",
      access: "read",
      bound: "filtered",
      describe: {
        summary: "How many keys and bytes each namespace holds that the token may read",
        answer: {
          description:
            "Figures of the last count. They are counted anew when the data have changed, at most 2 % of the time",
          content: {
            "application/json": {
              type: "object",
              required: ["namespaces"],
              properties: {
                namespaces: {
                  type: "array",
                  items: {
                    type: "object",
                    required: ["id", "keys", "bytes"],
                    properties: {
                      id: { type: "string" },
                      keys: { type: "integer", description: "Without the expired ones" },
                      bytes: {
                        type: "integer",
                        description: "Of keys, values, metadata and content types",
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
      async handle(exchange) {
        const { namespaces: visible } = exchange.matched.principal;
        const namespaces = (await usage())
          .filter(({ namespace }) => visible === null || visible.has(namespace))
          .map(({ namespace, entries, bytes }) => ({ id: namespace, keys: entries, bytes }));
        exchange.sendJson(200, { namespaces }, ["Cache-Control", "no-store"]);
      },
    },
  ];
}
