import { DELETE_PREFIX_OPTIONS, KvError, LIST_OPTIONS } from "@kvasir/client/namespace";
import type { NamespaceListEntry, NamespaceListPage } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { ParameterDescription } from "../../api/operation-description.js";
import type { Route } from "../../api/route.js";
import { ANSWER_CHUNK_BYTES, JSON_RESPONSE_HELD_BYTES } from "../../http/limits.js";
import { queryFlag, queryParam } from "../../http/query.js";
import { askedPosition, changeEvents } from "../change-events.js";
import { chunkedAsync, jsonString } from "../json-text.js";
import { readListPage } from "../list-page.js";
import { name } from "./entry.js";
import { describedOptions, queryOptions } from "./query-options.js";

const JSON_OBJECT = { "application/json": { type: "object" } };

const LIST_DESCRIPTIONS: Readonly<Record<keyof typeof LIST_OPTIONS, string>> = {
  prefix: "Only keys that start with it.",
  limit: "Keys of a page.",
  cursor: "Where the page before ended.",
  values: "Adds values, as text.",
  versions: "Adds versions.",
  reverse: "Descending order.",
  start: "First key, included.",
  end: "End of the keys, excluded.",
};

/** The parameters of a list, a count, a position or a watch. A request with none of them is not for any of these. */
const LIST_PARAMETERS: readonly ParameterDescription[] = [
  ...describedOptions(LIST_OPTIONS, LIST_DESCRIPTIONS, {
    limit: { minimum: 1, maximum: 1000, default: 1000 },
  }),
  { name: "count", description: "Returns the number of keys instead.", schema: { type: "boolean" } },
  { name: "watch", description: "Sends changes as server-sent events instead.", schema: { type: "boolean" } },
  {
    name: "position",
    description: "Returns the newest position of the changes instead.",
    schema: { type: "boolean" },
  },
  { name: "since", description: "Watches from after this position.", schema: { type: "string" } },
];

/** Operations on many entries at once: lists, counts, deletion by prefix, watches. */
export function listingRoutes(context: ApiContext, prefix: string): Route[] {
  return [
    {
      method: "GET",
      path: `${prefix}/`,
      operation: `${name(prefix)}List`,
      access: "read",
      describe: {
        summary:
          "List keys, count them (`count=true`), or watch them change (`watch=true`, from a `position=true`)",
        parameters: LIST_PARAMETERS,
        answer: {
          description: "A page of keys, a count, a position, or events",
          content: { ...JSON_OBJECT, "text/event-stream": { type: "string" } },
        },
      },
      handle(exchange) {
        const { query } = exchange;
        if (!asksForList(exchange)) return refuseEmptyKey(context, exchange);
        if (query === "") return list(context, exchange);
        if (queryFlag(query, "watch")) return watch(context, exchange);
        if (queryFlag(query, "count")) return count(context, exchange);
        if (queryFlag(query, "position")) return position(context, exchange);
        return list(context, exchange);
      },
    },
    {
      method: "DELETE",
      path: `${prefix}/`,
      operation: `${name(prefix)}DeletePrefix`,
      access: "write",
      describe: {
        summary: "Delete all keys that start with a prefix",
        parameters: [
          { name: "prefix", description: "Empty only with `all=true`.", schema: { type: "string" } },
          ...describedOptions(DELETE_PREFIX_OPTIONS, {
            dryRun: "Only counts.",
            all: "Allows an empty prefix.",
          }),
        ],
        answer: { description: "How many there were", content: JSON_OBJECT },
      },
      async handle(exchange) {
        const { query } = exchange;
        const deleted = await context
          .namespace(exchange.matched.namespaceId)
          .deletePrefix(queryParam(query, "prefix") ?? "", queryOptions(query, DELETE_PREFIX_OPTIONS));
        exchange.sendJson(200, { count: deleted });
      },
    },
  ];
}

/** workerd sends it with every request. Its list of all keys has no parameter. */
const SENT_BY_WORKERD = "cf-kv-flprod-405";

/**
 * Whether a request is for a list and not for the value of an empty key. A client that appends `/` and an
 * empty key to the namespace requests this path, and would take the list for the value.
 */
function asksForList({ path, query, request }: ApiExchange): boolean {
  if (query !== "")
    return LIST_PARAMETERS.some((parameter) => queryParam(query, parameter.name) !== undefined);
  return !path.endsWith("/") || request.headers[SENT_BY_WORKERD] !== undefined;
}

async function refuseEmptyKey(
  context: ApiContext,
  { matched: { namespaceId } }: ApiExchange,
): Promise<never> {
  await context.catalog.require(namespaceId);
  throw new KvError("key_invalid", "Key name cannot be empty.", {
    hint: "To list all keys, ask for /?prefix= below the namespace.",
  });
}

async function list(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const { query } = exchange;
  const options = queryOptions(query, LIST_OPTIONS);
  const { values, versions } = options;
  const page = await readListPage(exchange, context.namespace(exchange.matched.namespaceId), options);
  const headers = ["Content-Type", "application/json; charset=utf-8"];
  if (!values) return exchange.sendPieces(200, headers, pageJson(page, versions));
  const pieces = chunkedAsync(pageJsonWithValues(page, versions), ANSWER_CHUNK_BYTES);
  return exchange.sendParts(200, headers, pieces, { heldBytes: JSON_RESPONSE_HELD_BYTES });
}

async function count(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const { query } = exchange;
  const counted = await context.namespace(exchange.matched.namespaceId).count({
    prefix: queryParam(query, "prefix"),
    start: queryParam(query, "start"),
    end: queryParam(query, "end"),
  });
  await exchange.sendJson(200, { count: counted });
}

async function position(context: ApiContext, exchange: ApiExchange): Promise<void> {
  await exchange.sendJson(200, {
    position: await context.namespace(exchange.matched.namespaceId).position(),
  });
}

async function watch(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const { namespaceId } = exchange.matched;
  const namespace = context.namespace(namespaceId);
  await context.catalog.require(namespaceId);
  const prefix = queryParam(exchange.query, "prefix");
  const since = askedPosition(exchange) ?? (await namespace.position());
  await context.eventStreams.send(exchange, ({ signal, passed }) =>
    changeEvents(namespace.watch({ prefix, since, signal, onPassed: passed }), since),
  );
}

function* pageJson(page: NamespaceListPage, versions: boolean): Generator<string> {
  yield PAGE_START;
  let separator = "";
  for (const entry of page.keys) {
    yield separator + JSON.stringify(wireKey(entry, versions));
    separator = ",";
  }
  yield pageEnd(page);
}

/** A large value is read from the store part by part, when its turn comes. */
async function* pageJsonWithValues(page: NamespaceListPage, versions: boolean): AsyncGenerator<string, void> {
  yield PAGE_START;
  let separator = "";
  for (const entry of page.keys) {
    const others = JSON.stringify(wireKey(entry, versions));
    yield `${separator}${others.slice(0, -1)},"value":`;
    yield* jsonString(entry.value ?? NO_VALUE);
    yield "}";
    separator = ",";
  }
  yield pageEnd(page);
}

const PAGE_START = '{"keys":[';
const NO_VALUE = new Uint8Array(0);

function pageEnd({ cursor }: NamespaceListPage): string {
  return `],"list_complete":${cursor === null}${cursor === null ? "" : `,"cursor":${JSON.stringify(cursor)}`}}`;
}

/** Metadata is sent as a string that contains JSON, which workerd parses. */
function wireKey(entry: NamespaceListEntry, versions: boolean): object {
  const { name: key, expiration, metadata, version, damaged } = entry;
  return { name: key, expiration, metadata, version: versions && !damaged ? version : undefined, damaged };
}
