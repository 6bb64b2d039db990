import { KvError, TTL_SECONDS_MIN } from "@kvasir/client/namespace";
import type { Entry, MaybePromise } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Route } from "../../api/route.js";
import { bodyValue, declaredBytes, mediaType } from "../../http/body.js";
import type { FlatHeaders } from "../../http/exchange.js";
import { queryInteger, queryParam } from "../../http/query.js";
import { envelopeSchema, sendDone, sendResult } from "./envelope.js";
import { checkAccount, keyOf, NAMESPACE } from "./paths.js";

const BYTES = { "application/octet-stream": { type: "string", format: "binary" } };
const NULL_RESULT = envelopeSchema({ type: "null" });

export function valueRoutes(context: ApiContext): Route[] {
  const path = `${NAMESPACE}/values/{key_name}`;
  return [
    {
      method: "GET",
      path,
      operation: "getValue",
      access: "read",
      describe: {
        summary: "Read a value; the header `expiration` says when it expires",
        answer: { description: "The value itself, in no envelope", content: BYTES },
      },
      handle(exchange) {
        checkAccount(exchange);
        const entry = context.namespace(exchange.matched.namespaceId).read(keyOf(exchange));
        return entry instanceof Promise
          ? entry.then((found) => sendValue(exchange, found))
          : sendValue(exchange, entry);
      },
    },
    {
      method: "PUT",
      path,
      operation: "putValue",
      access: "write",
      describe: {
        summary: "Write a value",
        parameters: [
          { name: "expiration", description: "Seconds since the epoch.", schema: { type: "integer" } },
          {
            name: "expiration_ttl",
            description: "Seconds; wins over `expiration`.",
            schema: { type: "integer", minimum: TTL_SECONDS_MIN },
          },
        ],
        body: {
          ...BYTES,
          "multipart/form-data": {
            type: "object",
            required: ["value"],
            properties: {
              value: { type: "string", format: "binary" },
              metadata: { type: "string", description: "JSON" },
            },
          },
        },
        answer: { description: "Written", content: NULL_RESULT },
      },
      async handle(exchange) {
        checkAccount(exchange);
        if (mediaType(exchange) === "multipart/form-data") await putForm(context, exchange);
        else await putRaw(context, exchange);
        sendDone(exchange);
      },
    },
    {
      method: "DELETE",
      path,
      operation: "deleteValue",
      access: "write",
      describe: {
        summary: "Delete a key; that there is none is no error",
        answer: { description: "There is no such key any more", content: NULL_RESULT },
      },
      async handle(exchange) {
        checkAccount(exchange);
        await context.namespace(exchange.matched.namespaceId).delete(keyOf(exchange));
        sendDone(exchange);
      },
    },
    {
      method: "GET",
      path: `${NAMESPACE}/metadata/{key_name}`,
      operation: "getMetadata",
      access: "read",
      describe: {
        summary: "Read a key's metadata",
        answer: { description: "The metadata, null for none", content: envelopeSchema({}) },
      },
      async handle(exchange) {
        checkAccount(exchange);
        const entry = await context.namespace(exchange.matched.namespaceId).read(keyOf(exchange));
        if (entry === null) throw notFound();
        await sendResult(exchange, entry.metadata === null ? null : JSON.parse(entry.metadata));
      },
    },
  ];
}

function sendValue(exchange: ApiExchange, entry: Entry | null): MaybePromise<void> {
  if (entry === null) throw notFound();
  const { value, expirationMs } = entry;
  const headers: FlatHeaders = ["Content-Type", "application/octet-stream"];
  if (expirationMs !== null) headers.push("expiration", String(Math.floor(expirationMs / 1000)));
  if (value instanceof Uint8Array) return exchange.send(200, headers, value);
  headers.push("Content-Length", String(value.byteLength));
  return exchange.sendParts(200, headers, value.parts());
}

async function putRaw(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const value = await bodyValue(exchange);
  await context
    .namespace(exchange.matched.namespaceId)
    .put(keyOf(exchange), value, { ...expiryOf(exchange), declaredBytes: declaredBytes(exchange) });
}

async function putForm(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const key = keyOf(exchange);
  const expiry = expiryOf(exchange);
  // The value usually comes before its metadata, so it is held until the form ends. Loaded with the first
  // form, so that the server is ready sooner.
  const { readValueForm } = await import("./value-form.js");
  const { value, metadata } = await readValueForm(exchange);
  await context.namespace(exchange.matched.namespaceId).put(key, value, { ...expiry, metadata });
}

function expiryOf({ query }: ApiExchange): { expiration?: number; expirationTtl?: number } {
  if (query === "") return {};
  const expiration = secondsParam(query, "expiration");
  const expirationTtl = secondsParam(query, "expiration_ttl");
  return {
    ...(expiration === undefined ? {} : { expiration }),
    ...(expirationTtl === undefined ? {} : { expirationTtl }),
  };
}

/** @throws KvError `expiration_invalid` unless the value is an integer. The range is not checked here. */
function secondsParam(query: string, name: string): number | undefined {
  return queryParam(query, name) === "" ? undefined : queryInteger(query, name, "expiration_invalid");
}

function notFound(): KvError {
  return new KvError("key_not_found", "key not found");
}
