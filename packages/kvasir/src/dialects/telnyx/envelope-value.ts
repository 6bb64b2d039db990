import { KvError } from "@kvasir/client/namespace";
import {
  decodeBase64,
  type Entry,
  type MaybePromise,
  type Namespace,
  type WriteOutcome,
} from "@kvasir/store";
import type { ApiExchange } from "../../api/api-exchange.js";
import type { Schema } from "../../api/operation-description.js";
import { isRecord, parseJson, readBody } from "../../http/body.js";
import { queryParam } from "../../http/query.js";
import { base64Length, base64Parts } from "./base64-parts.js";
import { conflictError, missingError, TelnyxError } from "./errors.js";
import { ENVELOPE_BODY_BYTES_MAX, EXPIRATION_TTL_MIN, VALUE_BYTES_MAX } from "./limits.js";
import { keyOf } from "./paths.js";
import { valueTooLarge, writeRaw } from "./raw-value.js";

export const ENVELOPE_SCHEMA: Schema = {
  type: "object",
  required: ["data"],
  properties: {
    data: {
      type: "object",
      required: ["key", "value"],
      properties: {
        key: { type: "string" },
        value: { type: "string", contentEncoding: "base64" },
        metadata: {},
        expiration: { type: "integer", description: "Seconds since the epoch." },
      },
    },
  },
};

/** The contents of a body whose form is valid. The namespace checks the contents. */
interface Envelope {
  readonly value: Uint8Array;
  readonly expirationTtl: number | undefined;
  readonly expiration: number | undefined;
  /** JSON text. */
  readonly metadata: string | undefined;
}

/** The content type of values written as an envelope to a namespace that accepts both forms. */
export const WRITTEN_AS_ENVELOPE = "application/vnd.kvasir.envelope+json";

const FIELDS: readonly string[] = ["value", "expiration_ttl", "expiration", "metadata"];

/** Stores the bytes that the envelope in the body contains. */
export async function putEnvelope(exchange: ApiExchange, entries: Namespace): Promise<WriteOutcome> {
  const key = keyOf(exchange);
  if (queryParam(exchange.query, "ttl_secs") !== undefined) {
    // Ignoring it would keep an entry for ever that the client wants to expire.
    throw conflictError("This namespace has no support for ttl_secs", "Send expiration_ttl in the body.");
  }
  const { value, ...options } = envelopeOf(parseJson(await readBody(exchange, ENVELOPE_BODY_BYTES_MAX)));
  return entries.put(key, value, options);
}

/**
 * Stores a JSON body: the contents of its envelope if it is one, else the body itself. The content type
 * records which.
 */
export async function putEither(exchange: ApiExchange, entries: Namespace): Promise<WriteOutcome> {
  const key = keyOf(exchange);
  const body = await readBody(exchange, ENVELOPE_BODY_BYTES_MAX);
  const envelope = looksLikeEnvelope(body) ? envelopeOf(parseJson(body)) : undefined;
  if (envelope === undefined) return writeRaw(exchange, entries, body);
  const { value, ...options } = envelope;
  return entries.put(key, value, { ...options, contentType: WRITTEN_AS_ENVELOPE });
}

/** Sends an entry in an envelope. A large value is encoded part by part. */
export function sendEnvelope(exchange: ApiExchange, key: string, entry: Entry): MaybePromise<void> {
  const { value, metadata, expirationMs } = entry;
  const head = `{"data":{"key":${JSON.stringify(key)},"value":"`;
  // Stored metadata is JSON text already.
  const described = metadata === null ? "" : `,"metadata":${metadata}`;
  const expires = expirationMs === null ? "" : `,"expiration":${Math.floor(expirationMs / 1000)}`;
  const tail = `"${described}${expires}}}`;
  const headers = ["Content-Type", "application/json; charset=utf-8"];
  if (value instanceof Uint8Array) return exchange.send(200, headers, head + base64Of(value) + tail);
  const length = Buffer.byteLength(head) + base64Length(value.byteLength) + Buffer.byteLength(tail);
  headers.push("Content-Length", String(length));
  return exchange.sendParts(200, headers, base64Parts(value.parts(), { head, tail }));
}

/** @throws KvError `bad_request`, `value_invalid`, `value_too_large`, `expiration_invalid`, `metadata_invalid` */
function envelopeOf(body: unknown): Envelope {
  if (!isRecord(body)) {
    throw new KvError("bad_request", "The body must be a JSON object", {
      hint: 'Send {"value":"<base64>"}; this namespace takes values in envelopes.',
    });
  }
  for (const field of Object.keys(body)) if (!FIELDS.includes(field)) throw unknownField(field);
  const expirationTtl = secondsOf(body, "expiration_ttl");
  if (expirationTtl !== undefined && expirationTtl < EXPIRATION_TTL_MIN) {
    throw invalid("expiration_invalid", "expiration_ttl", `at least ${EXPIRATION_TTL_MIN} seconds`);
  }
  return {
    value: bytesOf(body),
    expirationTtl,
    expiration: secondsOf(body, "expiration"),
    metadata: metadataOf(body),
  };
}

/** Whether the body is an object with a `value` in base64 and no fields other than an envelope's. */
function looksLikeEnvelope(body: Buffer): boolean {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    if (!isRecord(parsed) || typeof parsed["value"] !== "string") return false;
    return (
      decodeBase64(parsed["value"]) !== null && Object.keys(parsed).every((field) => FIELDS.includes(field))
    );
  } catch {
    return false;
  }
}

function bytesOf({ value }: Record<string, unknown>): Uint8Array {
  if (value === undefined || value === null) throw missingError("value");
  // Padding may be missing, but not partly.
  const whole = typeof value === "string" && (value.length % 4 === 0 || !value.endsWith("="));
  const bytes = whole ? decodeBase64(value) : null;
  if (bytes === null) throw invalid("value_invalid", "value", "a string in base64");
  if (bytes.byteLength > VALUE_BYTES_MAX) throw valueTooLarge();
  return bytes;
}

function secondsOf(body: Record<string, unknown>, field: string): number | undefined {
  const value = body[field];
  if (value === undefined || value === null) return undefined;
  if (Number.isSafeInteger(value)) return value as number;
  throw invalid("expiration_invalid", field, "an integer");
}

function metadataOf({ metadata }: Record<string, unknown>): string | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  if (isRecord(metadata)) return JSON.stringify(metadata);
  throw invalid("metadata_invalid", "metadata", "a JSON object");
}

function invalid(
  code: "value_invalid" | "expiration_invalid" | "metadata_invalid",
  field: string,
  wanted: string,
): TelnyxError {
  return new TelnyxError(code, `Invalid ${field}. Please specify ${wanted}.`, {
    source: { pointer: `/${field}` },
  });
}

/**
 * Unknown fields are refused and not ignored: an early sketch of this API had `ttl` and a value in plain
 * text. Nothing in such a body shows reliably in which of the two forms the value is.
 */
function unknownField(field: string): TelnyxError {
  return new TelnyxError("value_invalid", "The body has a field that is not known here", {
    source: { pointer: `/${field.slice(0, 64)}` },
    hint: `Known are ${FIELDS.join(", ")}.`,
  });
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
