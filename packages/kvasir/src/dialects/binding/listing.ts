import { KvError } from "@kvasir/client/namespace";
import type { Change, NamespaceListEntry, NamespaceListPage } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { ParameterDescription } from "../../api/operation-description.js";
import type { Route } from "../../api/route.js";
import type { ServerSentEvent } from "../../http/event-stream.js";
import { ANSWER_CHUNK_BYTES, EVENT_STREAMS_MAX, JSON_RESPONSE_HELD_BYTES } from "../../http/limits.js";
import { decimalInteger, queryFlag, queryInteger, queryParam } from "../../http/query.js";
import { chunkedAsync, jsonString } from "../json-text.js";
import { readListPage } from "../list-page.js";
import { name } from "./entry.js";

const JSON_OBJECT = { "application/json": { type: "object" } };

/** Of a list, a count or a watch. A request that names none of them is for none of these. */
const LIST_PARAMETERS: readonly ParameterDescription[] = [
  { name: "prefix", description: "Only keys that start with it.", schema: { type: "string" } },
  {
    name: "key_count_limit",
    description: "Keys of a page.",
    schema: { type: "integer", minimum: 1, maximum: 1000, default: 1000 },
  },
  { name: "cursor", description: "Where the page before ended.", schema: { type: "string" } },
  { name: "values", description: "Adds values, as text.", schema: { type: "boolean" } },
  { name: "versions", description: "Adds versions.", schema: { type: "boolean" } },
  { name: "reverse", description: "Descending order.", schema: { type: "boolean" } },
  { name: "start", description: "First key, included.", schema: { type: "string" } },
  { name: "end", description: "End of the keys, excluded.", schema: { type: "string" } },
  { name: "count", description: "Answers how many there are.", schema: { type: "boolean" } },
  { name: "watch", description: "Answers with server-sent events.", schema: { type: "boolean" } },
  { name: "since", description: "Watches from after this version.", schema: { type: "integer" } },
];

/** What is about many entries at once: lists, counts, deletion by prefix, watches. */
export function listingRoutes(context: ApiContext, prefix: string): Route[] {
  return [
    {
      method: "GET",
      path: `${prefix}/`,
      operation: `${name(prefix)}List`,
      access: "read",
      describe: {
        summary: "List keys, count them (`count=true`), or watch them change (`watch=true`)",
        parameters: LIST_PARAMETERS,
        answer: {
          description: "A page of keys, a count, or events",
          content: { ...JSON_OBJECT, "text/event-stream": { type: "string" } },
        },
      },
      handle(exchange) {
        const { query } = exchange;
        if (!asksForList(exchange)) return refuseEmptyKey(context, exchange);
        if (query === "") return list(context, exchange);
        if (queryFlag(query, "watch")) return watch(context, exchange);
        if (queryFlag(query, "count")) return count(context, exchange);
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
          { name: "dry_run", description: "Only counts.", schema: { type: "boolean" } },
          { name: "all", description: "Allows an empty prefix.", schema: { type: "boolean" } },
        ],
        answer: { description: "How many there were", content: JSON_OBJECT },
      },
      async handle(exchange) {
        const { query } = exchange;
        const deleted = await context
          .namespace(exchange.matched.namespaceId)
          .deletePrefix(queryParam(query, "prefix") ?? "", {
            dryRun: queryFlag(query, "dry_run"),
            all: queryFlag(query, "all"),
          });
        exchange.sendJson(200, { count: deleted });
      },
    },
  ];
}

/** workerd says so with every request; its list of all keys has no parameter. */
const SENT_BY_WORKERD = "cf-kv-flprod-405";

/**
 * Whether it is a request for a list, and not for the value of an empty key: a client that puts `/` and a key after
 * the namespace asks for this path, and would take the list for the value.
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
  await checkExists(context, namespaceId);
  throw new KvError("key_invalid", "Key name cannot be empty.", {
    hint: "To list all keys, ask for /?prefix= below the namespace.",
  });
}

async function checkExists(context: ApiContext, namespaceId: string): Promise<void> {
  if ((await context.catalog.get(namespaceId)) !== null) return;
  throw new KvError("namespace_not_found", "There is no namespace with this id");
}

async function list(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const { query } = exchange;
  const values = queryFlag(query, "values");
  const versions = queryFlag(query, "versions");
  const page = await readListPage(exchange, context.namespace(exchange.matched.namespaceId), {
    prefix: queryParam(query, "prefix"),
    limit: queryInteger(query, "key_count_limit", "limit_invalid"),
    cursor: queryParam(query, "cursor"),
    start: queryParam(query, "start"),
    end: queryParam(query, "end"),
    reverse: queryFlag(query, "reverse"),
    values,
  });
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

async function watch(context: ApiContext, exchange: ApiExchange): Promise<void> {
  if (context.eventStreams.size >= EVENT_STREAMS_MAX) {
    throw new KvError("unavailable", `There are ${EVENT_STREAMS_MAX} watches already`, {
      hint: "End some, or watch a longer prefix once.",
    });
  }
  const { query, request } = exchange;
  const { namespaceId } = exchange.matched;
  // A reconnecting EventSource repeats its URL, with the last event that it saw in a header.
  const resume = request.headers["last-event-id"];
  const asked =
    typeof resume === "string"
      ? decimalInteger(resume, "Last-Event-ID", "bad_request")
      : queryInteger(query, "since", "bad_request");
  const namespace = context.namespace(namespaceId);
  await checkExists(context, namespaceId);
  const prefix = queryParam(query, "prefix");
  const since = asked ?? (await namespace.version());
  // Asked for before the answer begins, so that a bad `since` is an error of the request.
  const controller = new AbortController();
  let passed: (id: string) => void = () => {};
  const changes = namespace.watch({
    prefix,
    since,
    signal: controller.signal,
    onPassed: (version) => passed(String(version)),
  });
  await context.eventStreams.send(exchange, (stream) => {
    passed = stream.passed;
    stream.signal.addEventListener("abort", () => controller.abort());
    return events(changes, since);
  });
}

async function* events(changes: AsyncIterable<Change>, since: number): AsyncGenerator<ServerSentEvent, void> {
  // First of all, so that who is cut off before anything has happened misses nothing either.
  yield { id: String(since) };
  for await (const { type, key, version, more } of changes) {
    const event = { event: type, data: JSON.stringify({ key, version, more }) };
    // Resuming after the first of several changes of one version would skip the others.
    yield more ? event : { id: String(version), ...event };
  }
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

/** A large value is read from the store when its turn comes, part by part. */
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

/** Metadata goes out as a string that holds JSON: workerd parses it. */
function wireKey(entry: NamespaceListEntry, versions: boolean): object {
  const { name: key, expiration, metadata, version, damaged } = entry;
  return { name: key, expiration, metadata, version: versions && !damaged ? version : undefined, damaged };
}
