import { LIST_LIMIT_MAX } from "@kvasir/client/namespace";
import type { NamespaceListEntry, NamespaceListPage } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { Route } from "../../api/route.js";
import { queryParam } from "../../http/query.js";
import { readListPage } from "../list-page.js";
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
        const page = await readListPage(exchange, context.namespace(exchange.matched.namespaceId), {
          limit: whole(query, "limit", { max: LIST_LIMIT_MAX }),
          prefix: queryParam(query, "prefix"),
          cursor: queryParam(query, "cursor"),
        });
        await exchange.sendPieces(200, ["Content-Type", "application/json; charset=utf-8"], pageJson(page));
      },
    },
  ];
}

function* pageJson({ keys, cursor }: NamespaceListPage): Generator<string> {
  yield '{"success":true,"errors":[],"messages":[],"result":[';
  let separator = "";
  for (const key of keys) {
    yield separator + wireKey(key);
    separator = ",";
  }
  yield `],"result_info":${JSON.stringify({ count: keys.length, cursor: cursor ?? "" })}}`;
}

/** Metadata is sent as JSON, not as a string that contains JSON. */
function wireKey({ name, expiration, metadata, damaged }: NamespaceListEntry): string {
  const expires = expiration === undefined ? "" : `,"expiration":${expiration}`;
  const described = metadata === undefined ? "" : `,"metadata":${metadata}`;
  const warned = damaged ? ',"damaged":true' : "";
  return `{"name":${JSON.stringify(name)}${expires}${described}${warned}}`;
}
