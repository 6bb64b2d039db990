import { EXPORT_PATH, IMPORT_PATH } from "@kvasir/client/http";
import { KvError } from "@kvasir/client/namespace";
import { type EntryFormat, exportNamespace } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { Route } from "../../api/route.js";
import { queryInteger, queryParam } from "../../http/query.js";
import {
  EXPORT_ANSWER,
  IMPORT_DESCRIPTION,
  PREFIX_PARAMETER,
  receiveEntries,
  sendEntries,
} from "../transfer.js";
import { name } from "./entry.js";

/** The entries of a namespace as a file, out and in. */
export function transferRoutes(context: ApiContext, prefix: string): Route[] {
  return [
    {
      method: "GET",
      path: prefix + EXPORT_PATH,
      operation: `${name(prefix)}Export`,
      access: "read",
      describe: {
        summary: "All entries as JSON Lines, with everything that belongs to them",
        parameters: [
          PREFIX_PARAMETER,
          { name: "after", description: "Begins behind this key.", schema: { type: "string" } },
          { name: "limit", description: "Most entries.", schema: { type: "integer", minimum: 1 } },
          {
            name: "format",
            description: "`json`: the array that `wrangler kv bulk put` takes.",
            schema: { enum: ["jsonl", "json"], default: "jsonl" },
          },
        ],
        answer: EXPORT_ANSWER,
      },
      async handle(exchange) {
        const { query } = exchange;
        const { namespaceId } = exchange.matched;
        const options = {
          prefix: queryParam(query, "prefix"),
          after: queryParam(query, "after"),
          limit: limitOf(query),
          format: formatOf(query),
        };
        await context.catalog.require(namespaceId);
        await sendEntries(exchange, options.format, ({ onLargeValue }) =>
          exportNamespace(context, namespaceId, { ...options, onLargeValue }),
        );
      },
    },
    {
      method: "POST",
      path: prefix + IMPORT_PATH,
      operation: `${name(prefix)}Import`,
      access: "write",
      describe: { summary: "Write the entries of a file", ...IMPORT_DESCRIPTION },
      handle: (exchange) => receiveEntries(exchange, context, { namespace: exchange.matched.namespaceId }),
    },
  ];
}

function limitOf(query: string): number | undefined {
  const limit = queryInteger(query, "limit", "limit_invalid");
  if (limit === undefined || limit > 0) return limit;
  throw new KvError("limit_invalid", `Invalid limit of ${limit}. Please specify an integer greater than 0.`);
}

function formatOf(query: string): EntryFormat {
  const format = queryParam(query, "format") ?? "jsonl";
  if (format === "jsonl" || format === "json") return format;
  throw new KvError("bad_request", "Invalid format. Please specify jsonl or json.");
}
