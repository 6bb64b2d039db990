import {
  EXPIRATION_HEADER,
  IF_ABSENT_HEADER,
  IF_VERSION_HEADER,
  INCREMENT_PATH,
  METADATA_HEADER,
  queryNameOf,
  TOUCH_PATH,
  VERSION_HEADER,
} from "@kvasir/client/http";
import { KvError, TOUCH_OPTIONS } from "@kvasir/client/namespace";
import type { Entry, MaybePromise, WriteOutcome } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { ParameterDescription } from "../../api/operation-description.js";
import type { Route } from "../../api/route.js";
import { bodyValue, declaredBytes, isRecord, readJson } from "../../http/body.js";
import type { FlatHeaders } from "../../http/exchange.js";
import { queryInteger } from "../../http/query.js";
import { describedOptions } from "./query-options.js";
import { conditionOf, etag, expiryOf, keyOf, metadataHeader, metadataOf } from "./wire.js";

const BYTES = { "application/octet-stream": { type: "string", format: "binary" } };
const CACHE_TTL = queryNameOf("cacheTtl");
const JSON_OBJECT = { "application/json": { type: "object" } };
const IF_MATCH: ParameterDescription = {
  in: "header",
  name: IF_VERSION_HEADER,
  description: "Only if the entry is at this version; otherwise 412.",
  schema: { type: "string" },
};

/** Reads and writes of one entry. */
export function entryRoutes(context: ApiContext, prefix: string): Route[] {
  const path = `${prefix}/{key_name}`;
  return [
    {
      method: "GET",
      path,
      operation: `${name(prefix)}Get`,
      access: "read",
      describe: {
        summary: `Read a value; its version is the ETag, its metadata the header ${METADATA_HEADER}`,
        parameters: [
          {
            name: "urlencoded",
            description: "Whether the key is percent-encoded.",
            schema: { default: true },
          },
          { name: CACHE_TTL, description: "Seconds, at least 30.", schema: { type: "integer" } },
        ],
        answer: { description: "The value", content: BYTES },
      },
      handle(exchange) {
        const { query } = exchange;
        const cacheTtl = query === "" ? undefined : queryInteger(query, CACHE_TTL, "cache_ttl_invalid");
        const entry = context.namespace(exchange.matched.namespaceId).read(keyOf(exchange), { cacheTtl });
        return entry instanceof Promise
          ? entry.then((found) => sendEntry(exchange, found))
          : sendEntry(exchange, entry);
      },
    },
    {
      method: "PUT",
      path,
      operation: `${name(prefix)}Put`,
      access: "write",
      describe: {
        summary: "Write a value, with all that belongs to it",
        parameters: [
          {
            name: "urlencoded",
            description: "Whether the key is percent-encoded.",
            schema: { default: true },
          },
          ...describedOptions(TOUCH_OPTIONS, {
            expiration: "Seconds since the epoch.",
            expirationTtl: "Seconds, at least 60; wins over `expiration`.",
          }),
          {
            in: "header",
            name: METADATA_HEADER,
            description: "JSON in raw UTF-8, at most 1,024 bytes.",
            schema: { type: "string" },
          },
          IF_MATCH,
          {
            in: "header",
            name: IF_ABSENT_HEADER,
            description: "`*`: only if there is no entry; otherwise 412.",
            schema: { const: "*" },
          },
        ],
        body: BYTES,
        answer: { description: "Written; the ETag is the new version" },
      },
      async handle(exchange) {
        const key = keyOf(exchange);
        const value = await bodyValue(exchange);
        const outcome = await context.namespace(exchange.matched.namespaceId).put(key, value, {
          ...expiryOf(exchange),
          ...conditionOf(exchange),
          metadata: metadataOf(exchange),
          declaredBytes: declaredBytes(exchange),
        });
        return sendOutcome(exchange, outcome);
      },
    },
    {
      method: "DELETE",
      path,
      operation: `${name(prefix)}Delete`,
      access: "write",
      describe: {
        summary: "Delete an entry; that there is none is no error",
        parameters: [
          {
            name: "urlencoded",
            description: "Whether the key is percent-encoded.",
            schema: { default: true },
          },
          IF_MATCH,
        ],
        answer: { description: "There is no such entry any more" },
      },
      async handle(exchange) {
        const { ifVersion, ifAbsent } = conditionOf(exchange);
        if (ifAbsent) throw new KvError("bad_request", "A delete takes If-Match only");
        const outcome = await context
          .namespace(exchange.matched.namespaceId)
          .delete(keyOf(exchange), { ifVersion });
        return sendOutcome(exchange, outcome);
      },
    },
    {
      method: "POST",
      path: `${path}${INCREMENT_PATH}`,
      operation: `${name(prefix)}Increment`,
      access: "write",
      describe: {
        summary: "Add to a counter, atomically",
        body: {
          "application/json": {
            type: "object",
            properties: {
              by: { type: "integer", default: 1 },
              expirationTtl: { type: "integer", description: "Applies when the counter is created." },
            },
          },
        },
        answer: { description: "The sum and its version", content: JSON_OBJECT },
      },
      async handle(exchange) {
        const { by, expirationTtl } = await readOptions(exchange, {
          by: "number",
          expirationTtl: "number",
        });
        const counted = await context
          .namespace(exchange.matched.namespaceId)
          .increment(keyOf(exchange), by, { expirationTtl });
        exchange.sendJson(200, counted, [VERSION_HEADER, etag(counted.version)]);
      },
    },
    {
      method: "POST",
      path: `${path}${TOUCH_PATH}`,
      operation: `${name(prefix)}Touch`,
      access: "write",
      describe: {
        summary: "Give an entry a new expiry without rewriting it; with none it never expires",
        body: {
          "application/json": {
            type: "object",
            properties: {
              expiration: { type: "integer" },
              expirationTtl: { type: "integer" },
              ifVersion: { type: "integer" },
            },
          },
        },
        answer: { description: "The new version", content: JSON_OBJECT },
      },
      async handle(exchange) {
        const options = await readOptions(exchange, {
          expiration: "number",
          expirationTtl: "number",
          ifVersion: "number",
        });
        const outcome = await context.namespace(exchange.matched.namespaceId).touch(keyOf(exchange), options);
        if (!outcome.ok && outcome.version === null) throw notFound();
        return sendOutcome(exchange, outcome);
      },
    },
  ];
}

/** Operations on the functions' endpoint are measured separately from those on the API port. */
export function name(prefix: string): string {
  return prefix === "" ? "functions" : "binding";
}

function sendEntry(exchange: ApiExchange, entry: Entry | null): MaybePromise<void> {
  if (entry === null) {
    throw notFound();
  }
  const { value, version, metadata, expirationMs } = entry;
  const tag = etag(version);
  const headers: FlatHeaders = [VERSION_HEADER, tag];
  if (metadata !== null) headers.push(METADATA_HEADER, metadataHeader(metadata));
  if (expirationMs !== null) headers.push(EXPIRATION_HEADER, String(Math.floor(expirationMs / 1000)));
  if (exchange.request.headers["if-none-match"] === tag) return exchange.sendEmpty(304, headers);
  headers.push("Content-Type", "application/octet-stream");
  if (value instanceof Uint8Array) return exchange.send(200, headers, value);
  headers.push("Content-Length", String(value.byteLength));
  return exchange.sendParts(200, headers, value.parts());
}

/** A failed condition has its own response: 412, with the current version. */
function sendOutcome(exchange: ApiExchange, { ok, version }: WriteOutcome): MaybePromise<void> {
  const headers: FlatHeaders = version === null ? [] : [VERSION_HEADER, etag(version)];
  return exchange.sendJson(ok ? 200 : 412, { ok, version }, headers);
}

function notFound(): KvError {
  return new KvError("key_not_found", "Not Found");
}

/** The JSON object in a POST body. An empty body counts as an empty object. */
async function readOptions<Name extends string>(
  exchange: ApiExchange,
  shape: Readonly<Record<Name, "number">>,
): Promise<{ [name in Name]?: number }> {
  const declared = declaredBytes(exchange);
  const body = declared === 0 ? {} : await readJson(exchange);
  if (!isRecord(body)) throw new KvError("bad_request", "The body must be a JSON object");
  const options: { [name in Name]?: number } = {};
  for (const field of Object.keys(shape) as Name[]) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== "number") throw new KvError("bad_request", `${field} must be a number`);
    options[field] = value;
  }
  return options;
}
