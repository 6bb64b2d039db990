import type { KvChange, KvWatchOptions } from "../kv-namespace.js";
import type {
  AtomicCheck,
  AtomicMutation,
  BulkQuery,
  BulkStored,
  Expiring,
  ListAnswer,
  ListQuery,
  PutQuery,
  StoredEntry,
  Transport,
  WriteAnswer,
} from "../transport.js";
import { base64 } from "./base64.js";
import { HttpEntry, versionOf } from "./http-entry.js";
import { type Body, objectOf, Requester, type RequesterOptions, type RequestOptions } from "./requester.js";
import { valueBody } from "./value-body.js";
import { watch } from "./watch.js";
import { wireError } from "./wire-error.js";

/** One namespace over the binding dialect: workerd's KV protocol and Kvasir's extensions of it. */
export class HttpTransport implements Transport {
  readonly #requester: Requester;

  constructor(options: RequesterOptions) {
    this.#requester = new Requester(options);
  }

  async get(key: string, cacheTtl: number | undefined): Promise<StoredEntry | null> {
    const path = keyPath(key, { cache_ttl: cacheTtl });
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
    const { body } = await this.#requester.json("/bulk/get", {
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
  ): Promise<WriteAnswer> {
    const path = keyPath(key, { expiration: query.expiration, expiration_ttl: query.expirationTtl });
    const options = {
      method: "PUT",
      headers: {
        ...conditionHeaders(query),
        ...(query.metadata !== undefined && { "CF-KV-Metadata": asciiJson(query.metadata) }),
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

  async delete(key: string, ifVersion: number | undefined): Promise<WriteAnswer> {
    const headers = conditionHeaders({ ifVersion });
    const deleted = await this.#write(keyPath(key), { method: "DELETE", headers });
    return deleted.ok ? { ok: true, version: null } : deleted;
  }

  async list(query: ListQuery): Promise<ListAnswer> {
    const { response, body } = await this.#requester.json(
      `/${queryString({ ...ofAll(query), limit: undefined, key_count_limit: query.limit })}`,
      { safe: true },
    );
    return { ...(body as ListAnswer), cacheStatus: response.headers.get("CF-Cache-Status") };
  }

  async increment(key: string, by: number, expirationTtl: number | undefined): Promise<number> {
    const path = keyPath(key, {}, "/increment");
    const { body } = await this.#requester.json(path, jsonBody({ by, expirationTtl }));
    return (body as { value: number }).value;
  }

  async touch(key: string, expiry: Expiring): Promise<WriteAnswer> {
    const answer = await this.#requester.send(keyPath(key, {}, "/touch"), {
      ...jsonBody(expiry),
      expects: [404],
    });
    try {
      if (answer.response.ok) return (await objectOf(answer.response)) as WriteAnswer;
      const error = await wireError(answer.response);
      if (error.code === "key_not_found") return { ok: false, version: null };
      throw error;
    } finally {
      answer.settle();
    }
  }

  async atomic(checks: readonly AtomicCheck[], mutations: readonly AtomicMutation[]): Promise<number | null> {
    const { response, body } = await this.#requester.json("/bulk/atomic", {
      ...jsonBody({ checks, mutations: mutations.map(wireMutation) }),
      expects: [412],
    });
    return response.ok ? (body as { version: number }).version : null;
  }

  async count(query: { readonly prefix?: string | undefined }): Promise<number> {
    const { body } = await this.#requester.json(`/${queryString({ count: true, ...ofAll(query) })}`, {
      safe: true,
    });
    return (body as { count: number }).count;
  }

  async deletePrefix(
    prefix: string,
    { dryRun, all }: { readonly dryRun: boolean; readonly all: boolean },
  ): Promise<number> {
    const { body } = await this.#requester.json(`/${queryString({ prefix, dry_run: dryRun, all })}`, {
      method: "DELETE",
    });
    return (body as { count: number }).count;
  }

  async position(): Promise<string> {
    const { body } = await this.#requester.json("/?position=true", { safe: true });
    return (body as { position: string }).position;
  }

  watch(query: KvWatchOptions): AsyncIterable<KvChange> {
    return watch(this.#requester, query);
  }

  async #write(path: string, options: RequestOptions): Promise<WriteAnswer> {
    const response = await this.#requester.head(path, { ...options, expects: [412] });
    return { ok: response.ok, version: versionOf(response) };
  }
}

function keyPath(key: string, query: Record<string, unknown> = {}, operation = ""): string {
  return `/${encodeURIComponent(key)}${operation}${queryString({ urlencoded: true, ...query })}`;
}

/** What is `undefined` or `false` is left out; the empty string is not. */
function queryString(query: object): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== false) params.set(name, String(value));
  }
  const text = params.toString();
  return text && `?${text}`;
}

/** A query that names a prefix: a path without any query is the one of an empty key. */
function ofAll(query: ListQuery): ListQuery {
  return { ...query, prefix: query.prefix ?? "" };
}

function conditionHeaders({ ifAbsent, ifVersion }: PutQuery): Record<string, string> {
  return {
    ...(ifAbsent && { "If-None-Match": "*" }),
    ...(ifVersion !== undefined && { "If-Match": `"${ifVersion}"` }),
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
