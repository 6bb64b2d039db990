import { ATOMIC_PATH, BULK_GET_PATH, VERSION_HEADER } from "@kvasir/client/http";
import { KvError } from "@kvasir/client/namespace";
import { type AtomicMutation, type Check, decodeBase64 } from "@kvasir/store";
import type { ApiContext } from "../../api/api-context.js";
import type { Route } from "../../api/route.js";
import { isRecord, metadataText, parseJson, readBody, readJson } from "../../http/body.js";
import { checkJsonTokens } from "../../http/json-tokens.js";
import {
  ATOMIC_BODY_BYTES_MAX,
  ATOMIC_TOKENS_MAX,
  JSON_RESPONSE_HELD_BYTES,
  ONE_PIECE_BYTES_MAX,
  PARSED_JSON_FACTOR,
} from "../../http/limits.js";
import { BulkValues, parseBulkGet } from "../bulk-values.js";
import { name } from "./entry.js";
import { etag } from "./wire.js";

const JSON_OBJECT = { "application/json": { type: "object" } };

/** Reads of up to 100 keys, and commits of several changes. */
export function bulkRoutes(context: ApiContext, prefix: string): Route[] {
  return [
    {
      method: "POST",
      path: prefix + BULK_GET_PATH,
      operation: `${name(prefix)}BulkGet`,
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
              cacheTtl: { type: ["string", "integer"] },
            },
          },
        },
        answer: { description: "By key: the value, or null", content: JSON_OBJECT },
      },
      async handle(exchange) {
        const request = parseBulkGet(await readJson(exchange));
        const values = await BulkValues.read(
          context.namespace(exchange.matched.namespaceId),
          request,
          exchange,
        );
        await exchange.sendParts(
          200,
          ["Content-Type", "application/json; charset=utf-8"],
          values.json({ expiration: false }),
          { heldBytes: JSON_RESPONSE_HELD_BYTES },
        );
      },
    },
    {
      method: "POST",
      path: prefix + ATOMIC_PATH,
      operation: `${name(prefix)}Atomic`,
      access: "write",
      describe: {
        summary: "Several changes, all or none; 412 when a check fails",
        body: {
          "application/json": {
            type: "object",
            properties: {
              checks: { type: "array", items: { type: "object", required: ["key", "version"] } },
              mutations: { type: "array", items: { type: "object", required: ["type", "key"] } },
            },
          },
        },
        answer: { description: "The version of the commit", content: JSON_OBJECT },
      },
      async handle(exchange) {
        const body = await readBody(exchange, ATOMIC_BODY_BYTES_MAX);
        checkJsonTokens(body, ATOMIC_TOKENS_MAX);
        if (body.byteLength > ONE_PIECE_BYTES_MAX) {
          await exchange.hold.charge(body.byteLength * PARSED_JSON_FACTOR);
        }
        const { checks, mutations } = parseCommit(parseJson(body));
        const version = await context.namespace(exchange.matched.namespaceId).atomic(checks, mutations);
        if (version === null) exchange.sendJson(412, { ok: false, version: null });
        else exchange.sendJson(200, { ok: true, version }, [VERSION_HEADER, etag(version)]);
      },
    },
  ];
}

interface Commit {
  readonly checks: readonly Check[];
  readonly mutations: readonly AtomicMutation[];
}

function parseCommit(body: unknown): Commit {
  if (!isRecord(body)) throw new KvError("bad_request", "A commit is a JSON object");
  return {
    checks: list(body["checks"], "checks").map(parseCheck),
    mutations: list(body["mutations"], "mutations").map(parseMutation),
  };
}

function parseCheck(check: Record<string, unknown>): Check {
  const { version = null } = check;
  if (version !== null && typeof version !== "number") {
    throw new KvError("bad_request", "The version of a check is a number, or null for absent");
  }
  return { key: text(check, "key"), version };
}

function parseMutation(mutation: Record<string, unknown>): AtomicMutation {
  const { type } = mutation;
  const key = text(mutation, "key");
  switch (type) {
    case "put": {
      const { metadata } = mutation;
      return {
        type,
        key,
        value: mutation["base64"] === true ? base64(mutation, "value") : text(mutation, "value"),
        expiration: number(mutation, "expiration"),
        expirationTtl: number(mutation, "expirationTtl"),
        metadata: metadataText(metadata),
      };
    }
    case "delete":
      return { type, key };
    case "increment":
      return {
        type,
        key,
        by: number(mutation, "by") ?? 1,
        expirationTtl: number(mutation, "expirationTtl"),
      };
    default:
      throw new KvError("bad_request", "The type of a mutation is put, delete or increment");
  }
}

function list(value: unknown, field: string): Record<string, unknown>[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every(isRecord)) {
    throw new KvError("bad_request", `${field} must be an array of objects`);
  }
  return value;
}

function text(record: Record<string, unknown>, field: string): string {
  const value = record[field];
  if (typeof value !== "string") throw new KvError("bad_request", `${field} must be a string`);
  return value;
}

function number(record: Record<string, unknown>, field: string): number | undefined {
  const value = record[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw new KvError("bad_request", `${field} must be a number`);
  return value;
}

function base64(record: Record<string, unknown>, field: string): Uint8Array {
  const bytes = decodeBase64(text(record, field));
  if (bytes === null) throw new KvError("value_invalid", `${field} is not valid base64`);
  return bytes;
}
