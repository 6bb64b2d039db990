import { KvError } from "@kvasir/client/namespace";
import type { Entry, MaybePromise, WriteOutcome } from "@kvasir/store";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Route } from "../../api/route.js";
import { mediaType } from "../../http/body.js";
import {
  ENVELOPE_SCHEMA,
  putEither,
  putEnvelope,
  sendEnvelope,
  WRITTEN_AS_ENVELOPE,
} from "./envelope-value.js";
import { checkRawKey } from "./key-rules.js";
import { EXPIRATION_TTL_MIN, TTL_SECS_MAX, VALUE_BYTES_MAX } from "./limits.js";
import type { OpenNamespace, TelnyxNamespaces } from "./namespaces.js";
import { KEY, keyOf } from "./paths.js";
import { putRaw, sendRaw } from "./raw-value.js";
import { asksForBytes, type ValueEncoding } from "./value-encoding.js";

const BYTES = { type: "string", format: "binary" };

/** Values by key, raw or in an envelope, depending on their namespace. */
export function valueRoutes(namespaces: TelnyxNamespaces): Route[] {
  return [
    {
      method: "GET",
      path: KEY,
      operation: "telnyxGetValue",
      access: "read",
      describe: {
        summary: "Read a value",
        answer: {
          description:
            "The bytes with the content type that they were stored with; in envelope namespaces JSON",
          content: { "*/*": BYTES, "application/json": ENVELOPE_SCHEMA },
        },
      },
      handle(exchange) {
        // Avoids a promise if the store does not need one.
        const opened = namespaces.open(exchange);
        return opened instanceof Promise
          ? opened.then((namespace) => readValue(exchange, namespace))
          : readValue(exchange, opened);
      },
    },
    {
      method: "PUT",
      path: KEY,
      operation: "telnyxPutValue",
      access: "write",
      describe: {
        summary: "Write a value: 201 for a new key, 200 for one that was there",
        parameters: [
          {
            name: "ttl_secs",
            description: "Seconds to live; in raw namespaces only.",
            schema: { type: "integer", minimum: 1, maximum: TTL_SECS_MAX },
          },
        ],
        body: {
          "*/*": { ...BYTES, maxLength: VALUE_BYTES_MAX },
          "application/json": {
            type: "object",
            description: "In envelope namespaces.",
            required: ["value"],
            properties: {
              value: { type: "string", contentEncoding: "base64" },
              expiration_ttl: { type: "integer", minimum: EXPIRATION_TTL_MIN },
              expiration: { type: "integer", description: "Seconds since the epoch." },
              metadata: { type: "object", description: "At most 1,024 bytes." },
            },
          },
        },
        answer: { status: 201, description: "Written; the body is empty" },
      },
      async handle(exchange) {
        const { existed } = await writeValue(exchange, await namespaces.open(exchange));
        exchange.sendEmpty(existed ? 200 : 201);
      },
    },
    {
      method: "DELETE",
      path: KEY,
      operation: "telnyxDeleteValue",
      access: "write",
      describe: {
        summary: "Delete a key; that there is none is no error",
        answer: { status: 204, description: "There is no such key any more" },
      },
      async handle(exchange) {
        const { entries, encoding } = await namespaces.open(exchange);
        const key = keyOf(exchange);
        const { existed } = await entries.delete(key);
        if (!existed && encoding === "raw") checkRawKey(key);
        exchange.sendEmpty(204);
      },
    },
  ];
}

function writeValue(exchange: ApiExchange, { entries, encoding }: OpenNamespace): Promise<WriteOutcome> {
  if (encoding === "raw") return putRaw(exchange, entries);
  if (asksForBytes(exchange)) return putRaw(exchange, entries, { anyKey: true });
  if (encoding === "envelope") return putEnvelope(exchange, entries);
  return mediaType(exchange) === "application/json"
    ? putEither(exchange, entries)
    : putRaw(exchange, entries, { anyKey: true });
}

function sendValue(
  exchange: ApiExchange,
  encoding: ValueEncoding,
  key: string,
  entry: Entry,
): MaybePromise<void> {
  const inEnvelope =
    encoding === "envelope" || (encoding === "auto" && entry.contentType === WRITTEN_AS_ENVELOPE);
  return inEnvelope && !asksForBytes(exchange)
    ? sendEnvelope(exchange, key, entry)
    : sendRaw(exchange, entry);
}

function readValue(exchange: ApiExchange, { entries, encoding }: OpenNamespace): MaybePromise<void> {
  const key = keyOf(exchange);
  const answer = (entry: Entry | null) => {
    if (entry === null) {
      // Values that other dialects stored can be read under any name. For a missing one, a name that cannot
      // be written here is reported as invalid.
      if (encoding === "raw") checkRawKey(key);
      throw new KvError("key_not_found", "The key does not exist or has expired");
    }
    return sendValue(exchange, encoding, key, entry);
  };
  const entry = entries.read(key);
  return entry instanceof Promise ? entry.then(answer) : answer(entry);
}
