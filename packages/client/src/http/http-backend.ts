import type {
  AtomicCheck,
  AtomicMutation,
  BulkQuery,
  BulkStored,
  ListedPage,
  ListQuery,
  NamespaceBackend,
  PutQuery,
  StoredEntry,
} from "../namespace/backend.js";
import { base64 } from "../namespace/base64.js";
import { checkIncrement } from "../namespace/increment.js";
import { checkKeyText, checkWellFormed } from "../namespace/keys.js";
import type {
  KvChange,
  KvCountOptions,
  KvDeletePrefixOptions,
  KvExpiryOptions,
  KvIncrementOptions,
  KvWatchOptions,
  KvWriteResult,
} from "../namespace/kv-namespace.js";
import { checkVersion } from "../namespace/version.js";
import { HttpEntry, versionOf } from "./http-entry.js";
import { type Body, objectOf, Requester, type RequesterOptions, type RequestOptions } from "./requester.js";
import { valueBody } from "./value-body.js";
import { watch } from "./watch.js";
import { wireError } from "./wire-error.js";
import {
  ATOMIC_PATH,
  BULK_GET_PATH,
  CACHE_STATUS_HEADER,
  IF_ABSENT_HEADER,
  IF_VERSION_HEADER,
  INCREMENT_PATH,
  METADATA_HEADER,
  queryNameOf,
  TOUCH_PATH,
} from "./wire-names.js";

/**
 * One namespace over the binding dialect: workerd's KV protocol and Kvasir's extensions of it. Checks what the wire
 * would not carry as it is; limits, expiry and conditions are the server's to check.
 */
export class HttpBackend implements NamespaceBackend {
  readonly #requester: Requester;

  constructor(options: RequesterOptions) {
    this.#requester = new Requester(options);
  }

  async get(key: string, cacheTtl?: number): Promise<StoredEntry | null> {
    const path = keyPath(key, { cacheTtl });
    const answer = await this.#requester.send(path, { safe: true, expects: [404, 410] });
    if (answer.response.ok) return new HttpEntry(answer);
    try {
      const error = await wireError(answer.response);
      // A namespace that is not there answers 404 as well, and is no missing key.
      if (error.code === "key_not_found") return null;
      throw error;
    } finally {
      answer.settle();
    }
  }

  async getBulk(keys: readonly string[], query: BulkQuery) {
    const { type, withMetadata, cacheTtl } = query;
    const { body } = await this.#requester.json(BULK_GET_PATH, {
      ...jsonBody({
        keys,
        type,
        withMetadata: withMetadata || undefined,
        // Text, as workerd sends it.
        cacheTtl: cacheTtl?.toString(),
      }),
      safe: true,
    });
    const found = body as Record<string, unknown>;
    return {
      get(key: string): BulkStored | null {
        const entry = Object.hasOwn(found, key) ? found[key] : null;
        if (entry === null) return null;
        return withMetadata ? (entry as BulkStored) : { value: entry, metadata: null };
      },
    };
  }

  async put(
    key: string,
    value: string | Uint8Array | ReadableStream<Uint8Array>,
    query: PutQuery,
  ): Promise<KvWriteResult> {
    const { expiration, expirationTtl, metadata } = query;
    const path = keyPath(key, { expiration, expirationTtl });
    const options = {
      method: "PUT",
      headers: {
        ...conditionHeaders(query),
        ...(metadata !== undefined && { [METADATA_HEADER]: asciiJson(metadata) }),
      },
    };
    if (typeof value === "string" || value instanceof Uint8Array) {
      return this.#write(path, { ...options, body: value as Body });
    }
    const { body, streams, throwOwn } = await valueBody(value);
    try {
      return await this.#write(path, { ...options, body, streams });
    } catch (error) {
      throwOwn();
      throw error;
    }
  }

  async delete(key: string, condition: WriteCondition): Promise<KvWriteResult> {
    const headers = conditionHeaders(condition);
    const deleted = await this.#write(keyPath(key), { method: "DELETE", headers });
    return deleted.ok ? { ok: true, version: null } : deleted;
  }

  async list(query: ListQuery): Promise<ListedPage> {
    const { response, body } = await this.#requester.json(`/${queryString(ofAll(query))}`, { safe: true });
    return { ...(body as ListedPage), cacheStatus: response.headers.get(CACHE_STATUS_HEADER) };
  }

  async increment(key: string, by: number, options: KvIncrementOptions): Promise<{ value: number }> {
    checkIncrement(by);
    const path = keyPath(key, {}, INCREMENT_PATH);
    const { body } = await this.#requester.json(path, jsonBody({ by, ...options }));
    return body as { value: number };
  }

  async touch(key: string, expiry: KvExpiryOptions = {}): Promise<KvWriteResult> {
    const answer = await this.#requester.send(keyPath(key, {}, TOUCH_PATH), {
      ...jsonBody(expiry),
      expects: [404],
    });
    try {
      if (answer.response.ok) return (await objectOf(answer.response)) as KvWriteResult;
      const error = await wireError(answer.response);
      if (error.code === "key_not_found") return { ok: false, version: null };
      throw error;
    } finally {
      answer.settle();
    }
  }

  async atomic(checks: readonly AtomicCheck[], mutations: readonly AtomicMutation[]): Promise<number | null> {
    for (const { version } of checks) if (version !== null) checkVersion(version);
    for (const mutation of mutations) if (mutation.type === "increment") checkIncrement(mutation.by);
    const { response, body } = await this.#requester.json(ATOMIC_PATH, {
      ...jsonBody({ checks, mutations: mutations.map(wireMutation) }),
      expects: [412],
    });
    return response.ok ? (body as { version: number }).version : null;
  }

  async count(query: KvCountOptions = {}): Promise<number> {
    const { body } = await this.#requester.json(`/${queryString({ count: true, ...ofAll(query) })}`, {
      safe: true,
    });
    return (body as { count: number }).count;
  }

  async deletePrefix(prefix: string, options: KvDeletePrefixOptions = {}): Promise<number> {
    const { body } = await this.#requester.json(`/${queryString({ prefix, ...options })}`, {
      method: "DELETE",
    });
    return (body as { count: number }).count;
  }

  async position(): Promise<string> {
    const { body } = await this.#requester.json("/?position=true", { safe: true });
    return (body as { position: string }).position;
  }

  watch(query: KvWatchOptions = {}): AsyncIterable<KvChange> {
    checkWellFormed(query.prefix ?? "");
    return watch(this.#requester, query);
  }

  async #write(path: string, options: RequestOptions): Promise<KvWriteResult> {
    const response = await this.#requester.head(path, { ...options, expects: [412] });
    return { ok: response.ok, version: versionOf(response) };
  }
}

interface WriteCondition {
  readonly ifAbsent?: boolean | undefined;
  readonly ifVersion?: number | undefined;
}

function keyPath(key: string, query: Record<string, unknown> = {}, operation = ""): string {
  checkKeyText(key);
  return `/${encodeURIComponent(key)}${operation}${queryString({ urlencoded: true, ...query })}`;
}

/** Options as query parameters. `undefined` and `false` are left out; the empty string is not. */
function queryString(query: object): string {
  const params = new URLSearchParams();
  for (const [option, value] of Object.entries(query)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "string") checkWellFormed(value);
    params.set(queryNameOf(option), String(value));
  }
  const text = params.toString();
  return text && `?${text}`;
}

/** A query that names a prefix: a path without any query is the one of an empty key. */
function ofAll(query: ListQuery): ListQuery {
  return { ...query, prefix: query.prefix ?? "" };
}

function conditionHeaders({ ifAbsent, ifVersion }: WriteCondition): Record<string, string> {
  if (ifVersion !== undefined) checkVersion(ifVersion);
  return {
    ...(ifAbsent && { [IF_ABSENT_HEADER]: "*" }),
    ...(ifVersion !== undefined && { [IF_VERSION_HEADER]: `"${ifVersion}"` }),
  };
}

function jsonBody(value: unknown): RequestOptions {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(value),
  };
}

/** JSON that any header can carry. */
function asciiJson(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function wireMutation(mutation: AtomicMutation): unknown {
  if (mutation.type !== "put") return mutation;
  const { value, metadata, ...rest } = mutation;
  return {
    ...rest,
    ...(typeof value === "string" ? { value } : { value: base64(value), base64: true }),
    ...(metadata !== undefined && { metadata: JSON.parse(metadata) as unknown }),
  };
}
