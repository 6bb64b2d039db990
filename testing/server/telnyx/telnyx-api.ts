import { type CreateTokenOptions, createToken } from "../../../packages/kvasir/src/api/auth/tokens.js";
import { bearer, startApi, type TestApi, type TestApiOptions } from "../../harness/api.js";

/** A server, and one of its namespaces through the Telnyx dialect. */
export interface TelnyxApi extends TestApi {
  /** The id in the form of the dialect. */
  readonly id: string;
  /** `/v2/storage/kvs/{id}` */
  readonly kv: string;
  /** `/v2/storage/kvs/{id}/keys` */
  readonly keys: string;
}

export interface TelnyxApiOptions extends TestApiOptions {
  /** @default "raw" */
  readonly encoding?: "raw" | "envelope";
}

export const KVS = "/v2/storage/kvs";

/** Starts a server that ends with the test. */
export async function startTelnyx({
  encoding = "raw",
  ...options
}: TelnyxApiOptions = {}): Promise<TelnyxApi> {
  const api = await startApi(options);
  const { id: stored } = await api.database.catalog.create("sessions", {
    attributes: { value_encoding: encoding },
  });
  const id = stored.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  const kv = `${KVS}/${id}`;
  return {
    ...api,
    namespaceId: stored,
    cloudflare: api.cloudflare.replace(api.namespaceId, stored),
    binding: api.binding.replace(api.namespaceId, stored),
    id,
    kv,
    keys: `${kv}/keys`,
  };
}

export interface WireError {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly meta: { readonly url: string };
  readonly source?: { readonly pointer?: string; readonly parameter?: string };
}

/** The only error of a response. Checks that it has the common form. */
export async function errorOf(response: Response): Promise<WireError> {
  const body = (await response.json()) as { errors: WireError[] };
  if (Object.keys(body).join() !== "errors" || body.errors.length !== 1) {
    throw new Error(`Not an error of this API: ${JSON.stringify(body)}`);
  }
  return body.errors[0] as WireError;
}

export interface WireNamespace {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

export interface WireKey {
  readonly key: string;
  readonly size_bytes: number;
  readonly updated_at: string;
}

export interface WireEntry {
  readonly key: string;
  readonly value: string;
  readonly metadata?: unknown;
  readonly expiration?: number;
}

export interface PageMeta {
  readonly page_number: number;
  readonly page_size: number;
  readonly total_pages: number;
  readonly total_results: number;
}

export interface CursorMeta {
  readonly has_more: boolean;
  readonly cursor?: string;
}

/** The body of a successful response. */
export async function bodyOf<Data, Meta = undefined>(
  response: Response | Promise<Response>,
): Promise<{ readonly record_type?: string; readonly data: Data; readonly meta: Meta }> {
  return (await (await response).json()) as { data: Data; meta: Meta };
}

export function json(body: unknown, init: RequestInit = {}): RequestInit {
  return {
    method: "PUT",
    ...init,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}

export function put(
  body: NonNullable<RequestInit["body"]>,
  headers: Record<string, string> = {},
): RequestInit {
  return { method: "PUT", body, headers };
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** The headers of a request with a new token. */
export async function withToken(
  api: TestApi,
  options: CreateTokenOptions,
): Promise<{ headers: Record<string, string> }> {
  const { token } = await createToken(api.database.store, { clock: api.clock, ...options });
  return { headers: bearer(token) };
}
