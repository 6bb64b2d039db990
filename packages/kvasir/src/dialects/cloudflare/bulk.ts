import { KvError } from "@kvasir/client/namespace";
import { type BulkWrite, decodeBase64, type MaybePromise } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Method, Route } from "../../api/route.js";
import { metadataText, readJson } from "../../http/body.js";
import { asRecord, readJsonArray } from "../../http/json-array.js";
import { BULK_BODY_BYTES_MAX, BULK_PAIRS_MAX, JSON_RESPONSE_HELD_BYTES } from "../../http/limits.js";
import { BulkValues, parseBulkGet } from "../bulk-values.js";
import { envelopeSchema, sendResult } from "./envelope.js";
import { checkAccount, NAMESPACE } from "./paths.js";

const COUNTS = envelopeSchema({
  type: "object",
  properties: {
    successful_key_count: { type: "integer" },
    unsuccessful_keys: { type: "array", items: { type: "string" } },
  },
});

export function bulkRoutes(context: ApiContext): Route[] {
  return [
    {
      method: "PUT",
      path: `${NAMESPACE}/bulk`,
      operation: "bulkPut",
      access: "write",
      describe: {
        summary: "Write up to 10,000 pairs; nothing is written when one of them is bad",
        body: {
          "application/json": {
            type: "array",
            maxItems: BULK_PAIRS_MAX,
            items: {
              type: "object",
              required: ["key", "value"],
              properties: {
                key: { type: "string", maxLength: 512 },
                value: { type: "string" },
                base64: { type: "boolean", default: false },
                expiration: { type: "integer" },
                expiration_ttl: { type: "integer", minimum: 60 },
                metadata: {},
              },
            },
          },
        },
        answer: { description: "How many were written", content: COUNTS },
      },
      async handle(exchange) {
        checkAccount(exchange);
        const items: BulkWrite[] = [];
        await gather(exchange, "put", (item) => items.push(parsePair(item)));
        await context.namespace(exchange.matched.namespaceId).writeMany(items);
        return sendCount(exchange, items.length);
      },
    },
    deletion(context, "DELETE", `${NAMESPACE}/bulk`, "bulkDeleteLegacy"),
    deletion(context, "POST", `${NAMESPACE}/bulk/delete`, "bulkDelete"),
    {
      method: "POST",
      path: `${NAMESPACE}/bulk/get`,
      operation: "bulkGet",
      access: "read",
      describe: {
        summary: "Read up to 100 keys",
        body: {
          "application/json": {
            type: "object",
            required: ["keys"],
            properties: {
              keys: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 100 },
              type: { enum: ["text", "json"], default: "text" },
              withMetadata: { type: "boolean", default: false },
            },
          },
        },
        answer: {
          description: "Values by key, null where there is none",
          content: envelopeSchema({ type: "object", properties: { values: { type: "object" } } }),
        },
      },
      async handle(exchange) {
        checkAccount(exchange);
        const request = parseBulkGet(await readJson(exchange));
        const values = await BulkValues.read(
          context.namespace(exchange.matched.namespaceId),
          request,
          exchange,
        );
        await exchange.sendParts(
          200,
          ["Content-Type", "application/json; charset=utf-8"],
          inEnvelope(values.json({ expiration: true })),
          { heldBytes: JSON_RESPONSE_HELD_BYTES },
        );
      },
    },
  ];
}

/** Cloudflare deprecates deletion by DELETE with a body, but wrangler still uses it. */
function deletion(context: ApiContext, method: Method, path: string, operation: string): Route {
  return {
    method,
    path,
    operation,
    access: "write",
    describe: {
      summary: "Delete up to 10,000 keys",
      body: {
        "application/json": { type: "array", maxItems: BULK_PAIRS_MAX, items: { type: "string" } },
      },
      answer: { description: "How many were deleted, present or not", content: COUNTS },
    },
    async handle(exchange) {
      checkAccount(exchange);
      const keys: string[] = [];
      await gather(exchange, "remove", (item) => keys.push(parseName(item)));
      await context.namespace(exchange.matched.namespaceId).deleteMany(keys);
      return sendCount(exchange, keys.length);
    },
  };
}

function gather(exchange: ApiExchange, verb: "put" | "remove", take: (item: unknown) => void): Promise<void> {
  const bounds = {
    bytesMax: BULK_BODY_BYTES_MAX,
    itemsMax: BULK_PAIRS_MAX,
    tooMany: (count: number) =>
      new KvError(
        "too_many_keys",
        `bulk ${verb}: 'received ${count} key/value pairs, but max allowed per request is: ${BULK_PAIRS_MAX}'`,
        { hint: "Send them in several requests." },
      ),
  };
  return readJsonArray(exchange, bounds, take);
}

function parsePair(item: unknown): BulkWrite {
  const { key, value, base64, expiration, expiration_ttl, metadata } = asRecord(item);
  if (typeof key !== "string") throw new KvError("key_invalid", "Each pair needs a key, as a string");
  if (typeof value !== "string") throw new KvError("value_invalid", "Each pair needs a value, as a string");
  return {
    key,
    value: base64 === true ? fromBase64(value) : Buffer.from(value),
    expiration: seconds(expiration, "expiration"),
    expirationTtl: seconds(expiration_ttl, "expiration_ttl"),
    // Programs write null for what is not there.
    metadata: metadataText(metadata ?? undefined),
  };
}

function parseName(item: unknown): string {
  if (typeof item === "string") return item;
  throw new KvError("key_invalid", "A bulk delete takes an array of key names");
}

function fromBase64(text: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes === null) throw new KvError("value_invalid", "A pair with base64 has a value that is not base64");
  return bytes;
}

function seconds(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number") return value;
  throw new KvError("expiration_invalid", `Invalid ${name}. Please specify an integer.`);
}

function sendCount(exchange: ApiExchange, count: number): MaybePromise<void> {
  return sendResult(exchange, { successful_key_count: count, unsuccessful_keys: [] });
}

async function* inEnvelope(values: AsyncIterable<string>): AsyncGenerator<string, void> {
  yield '{"success":true,"errors":[],"messages":[],"result":{"values":';
  yield* values;
  yield "}}";
}
