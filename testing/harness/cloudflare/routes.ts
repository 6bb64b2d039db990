import type { IncomingHttpHeaders } from "node:http";
import { json, type MockAnswer } from "./answer.js";
import type { CloudflareMock } from "./api.js";
import type { MockEntry, MockNamespace } from "./namespace.js";
import { ApiRefusal, refusals } from "./refusals.js";

export interface RoutedRequest {
  readonly method: string;
  /** Below the path of all namespaces. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const BULK_BYTES_MAX = 100_000_000;
const BULK_PAIRS_MAX = 10_000;
const BULK_GET_KEYS_MAX = 100;
const BULK_GET_LENGTH_MAX = 25 * 1024 * 1024;
const VALUE_LENGTH_MAX = 26_214_400;

/** The response to a request that is allowed. @throws ApiRefusal */
export function handle(mock: CloudflareMock, request: RoutedRequest): MockAnswer {
  const { method, path, query } = request;
  if (path === "") return method === "POST" ? createNamespace(mock, request) : listNamespaces(mock, query);
  const [, id = "", rest = ""] = /^\/([^/]+)(.*)$/.exec(path) ?? [];
  const namespace = mock.namespaces.get(id);
  if (namespace === undefined) throw refusals.namespace("get");
  if (rest === "") return success({ id, title: namespace.title, supports_url_encoding: true });
  if (rest === "/keys") return listKeys(mock, namespace, query);
  if (rest === "/bulk" && method === "PUT") return bulkWrite(mock, namespace, request.body);
  if (rest === "/bulk/delete" && method === "POST") return bulkDelete(namespace, request.body);
  if (rest === "/bulk/get" && method === "POST") return bulkGet(mock, namespace, request.body);
  const [, kind, encoded] = /^\/(values|metadata)\/([^/]+)$/.exec(rest) ?? [];
  if (encoded === undefined) throw refusals.route(path);
  const key = decodeURIComponent(encoded);
  if (kind === "values" && method === "PUT") return putValue(mock, namespace, key, request);
  const entry = namespace.get(key, mock.nowMs());
  if (entry === undefined) throw refusals.key();
  if (kind === "metadata") return success(entry.metadata ?? null);
  const expires = entry.expiration === undefined ? {} : { expiration: String(entry.expiration) };
  return {
    status: 200,
    headers: { "Content-Type": "application/octet-stream", ...expires },
    body: entry.value,
  };
}

function success(result: unknown, info: object = {}): MockAnswer {
  return json(200, { success: true, errors: [], messages: [], result, ...info });
}

function listNamespaces(mock: CloudflareMock, query: URLSearchParams): MockAnswer {
  const perPage = Number(query.get("per_page") ?? 20);
  const page = Number(query.get("page") ?? 1);
  const all = [...mock.namespaces.values()].map(({ id, title }) => ({
    id,
    title,
    supports_url_encoding: true,
  }));
  const found = all.sort((a, b) => (a.title < b.title ? -1 : 1)).slice((page - 1) * perPage, page * perPage);
  return success(found, {
    result_info: { count: found.length, page, per_page: perPage, total_count: all.length },
  });
}

function createNamespace(mock: CloudflareMock, { body }: RoutedRequest): MockAnswer {
  const { title } = JSON.parse(body.toString()) as { title: string };
  if ([...mock.namespaces.values()].some((namespace) => namespace.title === title)) throw refusals.title();
  const { id } = mock.create(title);
  return success({ id, title, supports_url_encoding: true });
}

function listKeys(mock: CloudflareMock, namespace: MockNamespace, query: URLSearchParams): MockAnswer {
  const limit = Number(query.get("limit") ?? 1000);
  if (!(limit >= 10 && limit <= 1000)) throw refusals.invalid(`Invalid limit of ${limit}.`);
  const cursor = query.get("cursor") || undefined;
  const after = cursor === undefined ? undefined : Buffer.from(cursor, "base64").toString();
  const keys = namespace.list(query.get("prefix") ?? "", after, mock.nowMs());
  const page = keys.slice(0, limit);
  const next = keys.length > limit ? Buffer.from(page.at(-1) ?? "").toString("base64") : "";
  const listed = page.map((name) => {
    const { expiration, metadata } = namespace.entries.get(name) as MockEntry;
    return {
      name,
      ...(expiration !== undefined && { expiration }),
      ...(metadata !== undefined && { metadata }),
    };
  });
  return success(listed, { result_info: { count: page.length, cursor: next } });
}

interface Pair {
  readonly key: string;
  readonly value: string;
  readonly base64?: boolean;
  readonly expiration?: number;
  readonly metadata?: unknown;
}

/** All pairs are checked before one is written. */
function bulkWrite(mock: CloudflareMock, namespace: MockNamespace, body: Buffer): MockAnswer {
  if (body.length > BULK_BYTES_MAX) throw refusals.large("bulk put: 'request too large'");
  const pairs = JSON.parse(body.toString()) as readonly Pair[];
  if (pairs.length > BULK_PAIRS_MAX) {
    throw new ApiRefusal(
      400,
      10_012,
      `bulk put: 'received ${pairs.length} key/value pairs, but max allowed per request is: 10000'`,
    );
  }
  for (const { key, value, expiration } of pairs) {
    checkPair(mock, key, expiration);
    if (value.length > VALUE_LENGTH_MAX) throw refusals.large("bulk put: 'value too large'");
  }
  for (const { key, value, base64, expiration, metadata } of pairs) {
    const bytes = Buffer.from(value, base64 === true ? "base64" : "utf8");
    namespace.put(key, bytes, { expiration, metadata: metadata ?? undefined });
  }
  return success({ successful_key_count: pairs.length, unsuccessful_keys: [] });
}

function checkPair(mock: CloudflareMock, key: string, expiration: number | undefined): void {
  if (key === "" || Buffer.byteLength(key) > 512) throw refusals.invalid("put: 'invalid key'");
  if (expiration !== undefined && expiration < mock.nowMs() / 1000 + 60) {
    throw refusals.invalid(
      `put: 'Invalid expiration of ${expiration}. Expiration times must be at least 60 seconds in the future.'`,
    );
  }
}

function bulkDelete(namespace: MockNamespace, body: Buffer): MockAnswer {
  const keys = JSON.parse(body.toString()) as readonly string[];
  for (const key of keys) namespace.entries.delete(key);
  return success({ successful_key_count: keys.length, unsuccessful_keys: [] });
}

/** Values as text, as the API returns them: bytes that are not UTF-8 are lost. */
function bulkGet(mock: CloudflareMock, namespace: MockNamespace, body: Buffer): MockAnswer {
  const { keys, withMetadata = false } = JSON.parse(body.toString()) as {
    keys: string[];
    withMetadata?: boolean;
  };
  if (keys.length > BULK_GET_KEYS_MAX)
    throw new ApiRefusal(400, 10_029, "bulk get keys: 'You can request a maximum of 100 keys'");
  const decoder = new TextDecoder("utf-8", { ignoreBOM: mock.options.dropsMarks !== true });
  let length = 0;
  const values = keys.map((key) => {
    const entry = namespace.get(key, mock.nowMs());
    if (entry === undefined) return [key, null];
    const value = decoder.decode(entry.value);
    length += value.length;
    if (!withMetadata) return [key, value];
    const expires = entry.expiration === undefined ? {} : { expiration: entry.expiration };
    return [key, { value, metadata: entry.metadata ?? null, ...expires }];
  });
  if (length > BULK_GET_LENGTH_MAX)
    throw refusals.large("bulk get keys: 'Total size of request exceeds the limit of 25MB'");
  return success({ values: Object.fromEntries(values) });
}

function putValue(
  mock: CloudflareMock,
  namespace: MockNamespace,
  key: string,
  request: RoutedRequest,
): MockAnswer {
  const expiration = request.query.has("expiration") ? Number(request.query.get("expiration")) : undefined;
  checkPair(mock, key, expiration);
  const type = request.headers["content-type"] ?? "";
  const boundary = /^multipart\/form-data; *boundary=(.+)$/.exec(type)?.[1];
  if (boundary === undefined) namespace.put(key, request.body, { expiration });
  else {
    const parts = partsOf(request.body, boundary);
    namespace.put(key, parts.get("value") ?? "", {
      expiration,
      metadata: JSON.parse(parts.get("metadata")?.toString() ?? "null"),
    });
  }
  return success(null);
}

/** The parts of a form by their names. */
function partsOf(body: Buffer, boundary: string): ReadonlyMap<string, Buffer> {
  const parts = new Map<string, Buffer>();
  const line = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(line); at !== -1; ) {
    const next = body.indexOf(line, at + line.length);
    if (next === -1) break;
    const part = body.subarray(at + line.length + 2, next - 2);
    const end = part.indexOf("\r\n\r\n");
    const [, name] = / name="([^"]*)"/.exec(part.subarray(0, end).toString()) ?? [];
    if (name !== undefined) parts.set(name, part.subarray(end + 4));
    at = next;
  }
  return parts;
}
