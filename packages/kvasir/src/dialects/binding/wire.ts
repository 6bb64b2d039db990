import { METADATA_HEADER } from "@kvasir/client/http";
import { KvError, type Parsed, TOUCH_OPTIONS } from "@kvasir/client/namespace";
import { type ApiExchange, rawKeyOf } from "../../api/api-exchange.js";
import { queryParam } from "../../http/query.js";
import { queryOptions } from "./query-options.js";

// Node has the names of a request's headers in lower case.
const METADATA = METADATA_HEADER.toLowerCase();

/**
 * The key of a request: one path segment, percent-decoded. workerd sends `urlencoded=true` with every key. If
 * a client sends another value, the segment is used as it is.
 *
 * @throws KvError `key_invalid`
 */
export function keyOf(exchange: ApiExchange): string {
  const rawKey = rawKeyOf(exchange);
  const { query } = exchange;
  if (!rawKey.includes("%")) return rawKey;
  const urlencoded = query === "" ? undefined : queryParam(query, "urlencoded");
  if (urlencoded !== undefined && urlencoded.toLowerCase() !== "true") return rawKey;
  try {
    return decodeURIComponent(rawKey);
  } catch (cause) {
    throw new KvError("key_invalid", "Could not URL-decode key name", { cause });
  }
}

/** Reads `expiration` and `expiration_ttl` of a write. */
export function expiryOf({ query }: ApiExchange): Partial<Parsed<typeof TOUCH_OPTIONS>> {
  if (query === "") return {};
  return queryOptions(query, TOUCH_OPTIONS);
}

/** The metadata of a write. Its header holds raw UTF-8, which Node reads as Latin-1. */
export function metadataOf({ request }: ApiExchange): string | undefined {
  const header = request.headers[METADATA];
  return typeof header === "string" ? Buffer.from(header, "latin1").toString("utf8") : undefined;
}

/** Stored metadata as a header value: raw UTF-8, which Node writes as Latin-1. */
export function metadataHeader(metadata: string): string {
  const text = Buffer.from(metadata, "utf8").toString("latin1");
  // The only character that JSON does not escape and HTTP forbids.
  return text.includes("\x7f") ? text.replaceAll("\x7f", "\\u007f") : text;
}

export function etag(version: number): string {
  return `"${version}"`;
}

/**
 * The condition of a write: `If-None-Match: *` (only if absent) or `If-Match: "<version>"`.
 *
 * @throws KvError `bad_request` for a condition that the store cannot check in a single operation
 */
export function conditionOf({ request }: ApiExchange): { ifAbsent?: true; ifVersion?: number } {
  const ifMatch = request.headers["if-match"];
  const ifNoneMatch = request.headers["if-none-match"];
  if (ifMatch === undefined && ifNoneMatch === undefined) return {};
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw new KvError("bad_request", "Please send If-Match or If-None-Match, not both");
  }
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === "*") return { ifAbsent: true };
    throw new KvError("bad_request", "A write takes If-None-Match: * only", {
      hint: 'Use If-Match: "<version>" to write over a version that you know.',
    });
  }
  return { ifVersion: versionOf(ifMatch as string) };
}

/** The version in an entity tag. */
export function versionOf(tag: string): number {
  const match = /^\s*"?(\d{1,16})"?\s*$/.exec(tag);
  // Versions of data in a cluster are microseconds, which have sixteen digits.
  if (match === null || !Number.isSafeInteger(Number(match[1]))) {
    throw new KvError("bad_request", 'If-Match takes one version, as the ETag gave it: "<version>"');
  }
  return Number(match[1]);
}
