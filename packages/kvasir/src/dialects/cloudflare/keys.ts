import { LIST_LIMIT_MAX } from "@kvasir/client";
import type { NamespaceListEntry } from "@kvasir/store";
import type { ApiContext } from "../../http/api-context.js";
import { queryParam } from "../../http/query.js";
import type { Route } from "../../http/route.js";
import { envelopeSchema } from "./envelope.js";
import { whole } from "./pages.js";
import { checkAccount, NAMESPACE } from "./paths.js";

export function keyRoutes(context: ApiContext): Route[] {
  return [
    {
      method: "GET",
      path: `${NAMESPACE}/keys`,
      operation: "listKeys",
      access: "read",
      describe: {
        summary: "List keys",
        parameters: [
          {
            name: "limit",
            description: "Keys of a page.",
            schema: { type: "integer", minimum: 1, maximum: LIST_LIMIT_MAX, default: LIST_LIMIT_MAX },
          },
          { name: "prefix", description: "Only keys that start with it.", schema: { type: "string" } },
          { name: "cursor", description: "Where the page before ended.", schema: { type: "string" } },
        ],
        answer: {
          description: "A page of keys; on the last one the cursor is empty",
          content: envelopeSchema({ type: "array", items: { type: "object" } }),
        },
      },
      async handle(exchange) {
        checkAccount(exchange);
        const { query } = exchange;
        const { keys, cursor } = await context.namespace(exchange.namespaceId).list({
          limit: whole(query, "limit", { max: LIST_LIMIT_MAX }),
          prefix: queryParam(query, "prefix"),
          cursor: queryParam(query, "cursor"),
        });
        // By hand: stored metadata is JSON text already.
        const result = `[${keys.map(wireKey).join(",")}]`;
        const info = JSON.stringify({ count: keys.length, cursor: cursor ?? "" });
        exchange.send(
          200,
          ["Content-Type", "application/json; charset=utf-8"],
          `{"success":true,"errors":[],"messages":[],"result":${result},"result_info":${info}}`,
        );
      },
    },
  ];
}

/** Metadata goes out as what it is, not as a string that holds JSON. */
function wireKey({ name, expiration, metadata, damaged }: NamespaceListEntry): string {
  const expires = expiration === undefined ? "" : `,"expiration":${expiration}`;
  const described = metadata === undefined ? "" : `,"metadata":${metadata}`;
  const warned = damaged ? ',"damaged":true' : "";
  return `{"name":${JSON.stringify(name)}${expires}${described}${warned}}`;
}
