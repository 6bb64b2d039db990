import { KvError } from "@kvasir/client";
import type { Change, NamespaceListEntry, NamespaceListPage } from "@kvasir/store";
import type { ApiContext } from "../../http/api-context.js";
import type { ServerSentEvent } from "../../http/event-stream.js";
import type { Exchange } from "../../http/exchange.js";
import { chunkedAsync, jsonString } from "../../http/json-text.js";
import { ANSWER_CHUNK_BYTES, EVENT_STREAMS_MAX, JSON_RESPONSE_HELD_BYTES } from "../../http/limits.js";
import type { ParameterDescription } from "../../http/openapi.js";
import { decimalInteger, queryFlag, queryInteger, queryParam } from "../../http/query.js";
import type { Route } from "../../http/route.js";
import { readListPage } from "../list-page.js";
import { name } from "./entry.js";

const JSON_OBJECT = { "application/json": { type: "object" } };

/** The parameters of lists, counts and watches. A request without any of them is not for these operations. */
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

/** Operations on many entries at once: lists, counts, deletion by prefix, watches. */
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
          .namespace(exchange.namespaceId)
          .deletePrefix(queryParam(query, "prefix") ?? "", {
            dryRun: queryFlag(query, "dry_run"),
            all: queryFlag(query, "all"),
          });
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
function asksForList({ path, query, request }: Exchange): boolean {
  if (query !== "")
    return LIST_PARAMETERS.some((parameter) => queryParam(query, parameter.name) !== undefined);
  return !path.endsWith("/") || request.headers[SENT_BY_WORKERD] !== undefined;
}

async function refuseEmptyKey(context: ApiContext, { namespaceId }: Exchange): Promise<never> {
  await checkExists(context, namespaceId);
  throw new KvError("key_invalid", "Key name cannot be empty.", {
    hint: "To list all keys, ask for /?prefix= below the namespace.",
  });
}

async function checkExists(context: ApiContext, namespaceId: string): Promise<void> {
  if ((await context.catalog.get(namespaceId)) !== null) return;
  throw new KvError("namespace_not_found", "There is no namespace with this id");
}

async function list(context: ApiContext, exchange: Exchange): Promise<void> {
  const { query } = exchange;
  const values = queryFlag(query, "values");
  const versions = queryFlag(query, "versions");
  const page = await readListPage(exchange, context.namespace(exchange.namespaceId), {
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

async function count(context: ApiContext, exchange: Exchange): Promise<void> {
  const { query } = exchange;
  const counted = await context.namespace(exchange.namespaceId).count({
    prefix: queryParam(query, "prefix"),
    start: queryParam(query, "start"),
    end: queryParam(query, "end"),
  });
  await exchange.sendJson(200, { count: counted });
}

async function watch(context: ApiContext, exchange: Exchange): Promise<void> {
  if (context.eventStreams.size >= EVENT_STREAMS_MAX) {
    throw new KvError("unavailable", `There are ${EVENT_STREAMS_MAX} watches already`, {
      hint: "End some, or watch a longer prefix once.",
    });
  }
  const { query, namespaceId, request } = exchange;
  // A reconnecting EventSource repeats its URL and names the last event that it saw in a header.
  const resume = request.headers["last-event-id"];
  const asked =
    typeof resume === "string"
      ? decimalInteger(resume, "Last-Event-ID", "bad_request")
      : queryInteger(query, "since", "bad_request");
  const namespace = context.namespace(namespaceId);
  await checkExists(context, namespaceId);
  const prefix = queryParam(query, "prefix");
  const since = asked ?? (await namespace.version());
  // Started before the response begins, so that an invalid `since` is an error of the request.
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
  // Sent first, so that a client that is cut off before the first change can resume without a gap.
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
