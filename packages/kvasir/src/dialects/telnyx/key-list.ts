import { LIST_LIMIT_MAX } from "@kvasir/client/namespace";
import type { Namespace, NamespaceListEntry } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Route } from "../../api/route.js";
import { LIST_ROW_BYTES_MAX } from "../../http/limits.js";
import { queryParam } from "../../http/query.js";
import { readListPage } from "../list-page.js";
import { TelnyxError } from "./errors.js";
import { KeyPages } from "./key-pages.js";
import type { TelnyxNamespaces } from "./namespaces.js";
import { PAGE_PARAMETERS, pageMeta, pageRequestOf, wholeParam } from "./pages.js";
import { KEYS } from "./paths.js";
import { asksForBytes } from "./value-encoding.js";

const RECORD_TYPE = "storage_kv_key";

/** Lists the keys of a namespace: by cursor for `raw`, by page number for `envelope`. */
export function keyListRoutes({ clock }: ApiContext, namespaces: TelnyxNamespaces): Route[] {
  const pages = new KeyPages(clock);
  return [
    {
      method: "GET",
      path: KEYS,
      operation: "telnyxListKeys",
      access: "read",
      describe: {
        summary: "List keys: by limit and cursor in raw namespaces, by page in envelope namespaces",
        parameters: [
          { name: "prefix", description: "Only keys that start with it.", schema: { type: "string" } },
          {
            name: "limit",
            description: `Raw: keys of a page; more than ${LIST_LIMIT_MAX} are taken as ${LIST_LIMIT_MAX}.`,
            schema: { type: "integer", minimum: 1, default: LIST_LIMIT_MAX },
          },
          {
            name: "cursor",
            description: "Raw: `meta.cursor` of the page before.",
            schema: { type: "string" },
          },
          ...PAGE_PARAMETERS.map((parameter) => ({
            ...parameter,
            description: `Envelope: ${parameter.description}`,
          })),
        ],
        answer: {
          description: "A page of keys, in the order of their bytes",
          content: {
            "application/json": {
              type: "object",
              required: ["record_type", "data", "meta"],
              properties: {
                record_type: { const: RECORD_TYPE },
                data: {
                  type: "array",
                  items: {
                    type: "object",
                    required: ["key", "size_bytes", "updated_at"],
                    properties: {
                      key: { type: "string" },
                      size_bytes: { type: "integer" },
                      updated_at: { type: "string", format: "date-time" },
                    },
                  },
                },
                meta: { type: "object" },
              },
            },
          },
        },
      },
      async handle(exchange) {
        const { entries, encoding } = await namespaces.open(exchange);
        // A client that appends an empty key to the path requests this URL. It must not take the list for a
        // value.
        if (exchange.path.endsWith("/") && exchange.query === "") {
          throw new TelnyxError("key_invalid", "Key name cannot be empty", {
            hint: "To list keys, leave out the slash at the end of the path.",
          });
        }
        const mayBeNumbered = encoding === "envelope" || (encoding === "auto" && namesPage(exchange));
        const byNumber = mayBeNumbered && !asksForBytes(exchange);
        return byNumber ? sendNumberedPage(exchange, entries, pages) : sendCursorPage(exchange, entries);
      },
    },
  ];
}

function namesPage({ query }: ApiExchange): boolean {
  return /(?:^|&)page(?:\[|%5b)/i.test(query);
}

async function sendCursorPage(exchange: ApiExchange, entries: Namespace): Promise<void> {
  const { query } = exchange;
  const { keys, cursor } = await readListPage(exchange, entries, {
    prefix: queryParam(query, "prefix"),
    limit: Math.min(wholeParam(query, "limit") ?? LIST_LIMIT_MAX, LIST_LIMIT_MAX),
    cursor: queryParam(query, "cursor"),
  });
  // Clients continue as long as there is a cursor, whatever `has_more` says.
  const meta = cursor === null ? { has_more: false } : { has_more: true, cursor };
  await exchange.sendJson(200, { record_type: RECORD_TYPE, data: keys.map(wireKey), meta });
}

async function sendNumberedPage(exchange: ApiExchange, entries: Namespace, pages: KeyPages): Promise<void> {
  const { query } = exchange;
  const page = pageRequestOf(query);
  // The most rows that the walk to the page, and the count after it, read at a time.
  await exchange.hold.charge(LIST_LIMIT_MAX * LIST_ROW_BYTES_MAX);
  const { keys, totalKnown } = await pages.read(entries, { ...page, prefix: queryParam(query, "prefix") });
  await exchange.sendJson(200, {
    record_type: RECORD_TYPE,
    data: keys.map(wireKey),
    meta: pageMeta(page, totalKnown),
  });
}

function wireKey({ name, valueBytes, modifiedMs, damaged }: NamespaceListEntry): object {
  return { key: name, size_bytes: valueBytes, updated_at: new Date(modifiedMs).toISOString(), damaged };
}
