import { checkKey, KvError } from "@kvasir/client/namespace";
import { type BulkType, bulkType, decodeText, type Entry, type Namespace } from "@kvasir/store";
import type { ApiExchange } from "../api/api-exchange.js";
import { isRecord } from "../http/body.js";
import { ANSWER_CHUNK_BYTES, ONE_PIECE_BYTES_MAX, PARSED_JSON_FACTOR } from "../http/limits.js";
import { decimalInteger } from "../http/query.js";
import { chunkedAsync, jsonString } from "./json-text.js";

/** A bulk read in the form that both dialects use. */
export interface BulkGetRequest {
  readonly keys: readonly string[];
  readonly type: BulkType;
  readonly withMetadata: boolean;
  /** In seconds. workerd sends it as text. */
  readonly cacheTtl: number | undefined;
}

/**
 * Parses the body of a bulk read. Does not check the keys.
 *
 * @throws KvError `bad_request`, `type_invalid`
 */
export function parseBulkGet(body: unknown): BulkGetRequest {
  if (!isRecord(body)) throw new KvError("bad_request", "A bulk read takes a JSON object");
  const { keys, type, withMetadata, cacheTtl } = body;
  const parsedType = bulkType(type === undefined || type === null ? undefined : String(type));
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string")) {
    throw new KvError("bad_request", "keys must be an array of strings");
  }
  if (withMetadata !== undefined && typeof withMetadata !== "boolean") {
    throw new KvError("bad_request", "withMetadata must be true or false");
  }
  return {
    keys,
    type: parsedType,
    withMetadata: withMetadata === true,
    cacheTtl:
      cacheTtl === undefined || cacheTtl === null
        ? undefined
        : decimalInteger(String(cacheTtl), "cacheTtl", "cache_ttl_invalid"),
  };
}

/**
 * The entries of a bulk read as pieces of a JSON object, in request order. The object is written by hand,
 * because a JavaScript object moves integer-like keys to its front, and so that a page of large values is not
 * held twice.
 */
export class BulkValues {
  readonly #entries: ReadonlyMap<string, Entry | null>;
  readonly #request: BulkGetRequest;

  private constructor(entries: ReadonlyMap<string, Entry | null>, request: BulkGetRequest) {
    this.#entries = entries;
    this.#request = request;
  }

  /** @throws KvError `too_many_keys`, `response_too_large`, `value_not_json`, and for invalid keys */
  static async read(
    namespace: Namespace,
    request: BulkGetRequest,
    exchange: ApiExchange,
  ): Promise<BulkValues> {
    const { type } = request;
    await exchange.turn();
    const entries = await readMany(namespace, request, exchange);
    if (type === "json") for (const entry of entries.values()) await checkJson(entry, exchange);
    return new BulkValues(entries, request);
  }

  /** @param options.expiration Adds each entry's expiry, in seconds, beside its metadata. */
  json(options: { readonly expiration: boolean }): AsyncIterable<string> {
    return chunkedAsync(this.#pieces(options), ANSWER_CHUNK_BYTES);
  }

  async *#pieces({ expiration }: { readonly expiration: boolean }): AsyncGenerator<string, void> {
    const { type, withMetadata } = this.#request;
    let separator = "{";
    for (const [key, entry] of this.#entries) {
      yield `${separator}${JSON.stringify(key)}:`;
      separator = ",";
      if (entry === null) {
        yield "null";
        continue;
      }
      if (withMetadata) yield '{"value":';
      yield* type === "json" ? rawText(entry) : jsonString(entry.value);
      if (!withMetadata) continue;
      yield `,"metadata":${entry.metadata ?? "null"}`;
      if (expiration && entry.expirationMs !== null) {
        yield `,"expiration":${Math.floor(entry.expirationMs / 1000)}`;
      }
      yield "}";
    }
    yield separator === "{" ? "{}" : "}";
  }
}

/**
 * Workers KV takes one key after the other. So a value that is not JSON is reported before a key after it that is
 * not valid.
 */
async function readMany(
  namespace: Namespace,
  request: BulkGetRequest,
  exchange: ApiExchange,
): Promise<ReadonlyMap<string, Entry | null>> {
  const { keys, cacheTtl, type } = request;
  try {
    return await namespace.readMany(keys, { cacheTtl });
  } catch (error) {
    const before = keys.slice(
      0,
      Math.max(
        0,
        keys.findIndex((key) => !isValidKey(key)),
      ),
    );
    if (type === "json" && before.length > 0)
      await BulkValues.read(namespace, { ...request, keys: before }, exchange);
    throw error;
  }
}

function isValidKey(key: string): boolean {
  try {
    checkKey(key);
    return true;
  } catch {
    return false;
  }
}

/** Parses the whole value before the response begins. Only then is it known whether the value is JSON. */
async function checkJson(entry: Entry | null, exchange: ApiExchange): Promise<void> {
  if (entry === null) return;
  const { hold } = exchange;
  const { byteLength } = entry.value;
  const check = async () => {
    try {
      // Decoding drops a byte order mark in Workers KV.
      JSON.parse((await textOf(entry)).replace(/^\uFEFF/, ""));
    } catch (cause) {
      if (cause instanceof KvError) throw cause;
      throw new KvError(
        "value_not_json",
        "At least one of the requested keys corresponds to a non-json value",
        { cause, hint: 'Read the keys as "text".' },
      );
    }
  };
  if (byteLength <= ONE_PIECE_BYTES_MAX) return check();
  const before = hold.bytes;
  await exchange.turn();
  await hold.charge(byteLength * (1 + PARSED_JSON_FACTOR));
  try {
    await check();
  } finally {
    hold.shrinkTo(before);
  }
}

async function textOf({ value }: Entry): Promise<string> {
  if (value instanceof Uint8Array) return decodeText(value);
  const parts: Uint8Array[] = [];
  for await (const part of value.parts()) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function* rawText({ value }: Entry): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  if (value instanceof Uint8Array) {
    yield decoder.decode(value);
    return;
  }
  for await (const part of value.parts()) yield decoder.decode(part, { stream: true });
  yield decoder.decode();
}
