import type { CreatedToken, TokenRecord } from "../../api/auth/tokens.js";
import { Failure } from "../../failure/failure.js";
import { ApiClient, type ApiClientOptions, ApiFailure, type ApiRequest } from "./api-client.js";
import { noSuchNamespace, titleTaken } from "./namespace-failures.js";
import type { BulkEntry, EntryOptions, ListedKey, NamespaceSummary, NewToken, Target } from "./target.js";

// Kvasir has one account and takes any id for it.
const NAMESPACES = `/client/v4/accounts/${"0".repeat(32)}/storage/kv/namespaces`;
const TOKENS = "/kvasir/tokens";
const NAMESPACES_PER_PAGE = 1000;
const NAMESPACE_NOT_FOUND = 10_013;
const NAMESPACE_EXISTS = 10_014;

/** A running server, through the Cloudflare API that it speaks. */
export class RemoteTarget implements Target {
  readonly #client: ApiClient;

  constructor(options: ApiClientOptions) {
    this.#client = new ApiClient(options);
  }

  get place(): string {
    return this.#client.url;
  }

  async listNamespaces(): Promise<readonly NamespaceSummary[]> {
    const namespaces: NamespaceSummary[] = [];
    for (let page = 1; ; page++) {
      const query = `page=${page}&per_page=${NAMESPACES_PER_PAGE}&order=title&direction=asc`;
      const found = await this.#result<NamespaceSummary[]>({ method: "GET", path: `${NAMESPACES}?${query}` });
      namespaces.push(...found.map(({ id, title }) => ({ id, title })));
      if (found.length < NAMESPACES_PER_PAGE) return namespaces;
    }
  }

  async createNamespace(title: string): Promise<NamespaceSummary> {
    return await this.#named(title, { method: "POST", path: NAMESPACES, json: { title } });
  }

  async renameNamespace(id: string, title: string): Promise<NamespaceSummary> {
    return await this.#in(id, () => this.#named(title, { method: "PUT", path: pathOf(id), json: { title } }));
  }

  async deleteNamespace(id: string): Promise<void> {
    await this.#in(id, () => this.#result({ method: "DELETE", path: pathOf(id) }));
  }

  async ensureNamespace(): Promise<void> {}

  async read(namespace: string, key: string): Promise<AsyncIterable<Uint8Array> | null> {
    try {
      const request: ApiRequest = { method: "GET", path: pathOf(namespace, "values", key) };
      const response = await this.#in(namespace, () => this.#client.request(request));
      return response.body ?? (async function* () {})();
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 404) return null;
      throw error;
    }
  }

  async readMany(namespace: string, keys: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const request: ApiRequest = { method: "POST", path: pathOf(namespace, "bulk", "get"), json: { keys } };
    const { values } = await this.#in(namespace, () =>
      this.#result<{ values: Record<string, string | null> }>(request),
    );
    return new Map(keys.map((key) => [key, Object.hasOwn(values, key) ? (values[key] ?? null) : null]));
  }

  async write(namespace: string, key: string, value: Uint8Array, options: EntryOptions): Promise<void> {
    const query = new URLSearchParams();
    if (options.expiration !== undefined) query.set("expiration", String(options.expiration));
    if (options.expirationTtl !== undefined) query.set("expiration_ttl", String(options.expirationTtl));
    const path = `${pathOf(namespace, "values", key)}${query.size > 0 ? `?${query}` : ""}`;
    const body = options.metadata === undefined ? value : multipart(value, options.metadata);
    await this.#in(namespace, () => this.#result({ method: "PUT", path, body }));
  }

  async writeMany(namespace: string, entries: readonly BulkEntry[]): Promise<void> {
    const json = entries.map(({ expirationTtl, ...entry }) => ({ ...entry, expiration_ttl: expirationTtl }));
    await this.#in(namespace, () => this.#result({ method: "PUT", path: pathOf(namespace, "bulk"), json }));
  }

  async delete(namespace: string, key: string): Promise<void> {
    const request: ApiRequest = { method: "DELETE", path: pathOf(namespace, "values", key) };
    await this.#in(namespace, () => this.#result(request));
  }

  async deleteMany(namespace: string, keys: readonly string[]): Promise<void> {
    const request: ApiRequest = { method: "POST", path: pathOf(namespace, "bulk", "delete"), json: keys };
    await this.#in(namespace, () => this.#result(request));
  }

  async *listKeys(namespace: string, prefix: string): AsyncIterable<readonly ListedKey[]> {
    let cursor = "";
    do {
      const query = new URLSearchParams({ prefix, ...(cursor === "" ? {} : { cursor }) });
      const request: ApiRequest = { method: "GET", path: `${pathOf(namespace, "keys")}?${query}` };
      const page = await this.#in(namespace, () => this.#envelope<ListedKey[]>(request));
      yield page.result;
      cursor = page.result_info?.cursor ?? "";
    } while (cursor !== "");
  }

  async createToken(token: NewToken): Promise<CreatedToken> {
    return (await this.#client.json({ method: "POST", path: TOKENS, json: token })) as CreatedToken;
  }

  async listTokens(): Promise<readonly TokenRecord[]> {
    const { tokens } = (await this.#client.json({ method: "GET", path: TOKENS })) as {
      tokens: TokenRecord[];
    };
    return tokens;
  }

  async revokeToken(id: string): Promise<boolean> {
    try {
      await this.#client.request({ method: "DELETE", path: `${TOKENS}/${encodeURIComponent(id)}` });
      return true;
    } catch (error) {
      // What the server answers for an id that is not there; a wrong token is 401 or 403.
      if (error instanceof ApiFailure && (error.status === 400 || error.status === 404)) return false;
      throw error;
    }
  }

  async close(): Promise<void> {}

  async #named(title: string, request: ApiRequest): Promise<NamespaceSummary> {
    try {
      const namespace = await this.#result<NamespaceSummary>(request);
      return { id: namespace.id, title: namespace.title };
    } catch (error) {
      if (error instanceof ApiFailure && error.codes.includes(NAMESPACE_EXISTS))
        throw titleTaken(title, error);
      throw error;
    }
  }

  async #in<T>(namespace: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof ApiFailure && error.codes.includes(NAMESPACE_NOT_FOUND)) {
        throw noSuchNamespace(namespace, error);
      }
      throw error;
    }
  }

  async #result<T>(request: ApiRequest): Promise<T> {
    return (await this.#envelope<T>(request)).result;
  }

  // The shapes below are the API's own promise (the server is ours); the envelope is what tells a stranger's.
  async #envelope<T>(request: ApiRequest): Promise<Envelope<T>> {
    const answer = await this.#client.json(request);
    if (isEnvelope<T>(answer)) return answer;
    throw new Failure(`${this.place} did not answer as Kvasir does.`, {
      hint: "Check --url and KVASIR_URL.",
    });
  }
}

interface Envelope<T> {
  readonly success: true;
  readonly result: T;
  readonly result_info?: { readonly cursor?: string };
}

function isEnvelope<T>(answer: unknown): answer is Envelope<T> {
  return typeof answer === "object" && answer !== null && "success" in answer && answer.success === true;
}

function pathOf(namespace: string, ...segments: string[]): string {
  return [NAMESPACES, ...[namespace, ...segments].map(encodeURIComponent)].join("/");
}

function multipart(value: Uint8Array, metadata: unknown): FormData {
  const form = new FormData();
  form.set("value", new Blob([value as Uint8Array<ArrayBuffer>]));
  form.set("metadata", JSON.stringify(metadata));
  return form;
}
