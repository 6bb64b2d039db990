import type {
  Admin,
  CreatedToken,
  NamespaceAdmin,
  NamespaceInfo,
  TokenAdmin,
  TokenRecord,
} from "../namespace/admin.js";
import { KvError } from "../namespace/errors.js";
import { fetchWithPlainErrors, NAMESPACES_PATH as NAMESPACES, resultOf } from "./admin-envelope.js";
import { HttpData } from "./data-admin.js";
import { type Fetch, Requester, type RequestOptions } from "./requester.js";
import { requestsTo, type ServerOptions } from "./server.js";
import { HttpTransfer } from "./transfer.js";

const NAMESPACES_PER_PAGE = 1000;
const TOKENS = "/kvasir/tokens";

/**
 * Manages the namespaces, the tokens and the data of a Kvasir server, over HTTP. Needs a token with the scope `admin`,
 * except that `namespaces.list()` needs `read` only. Nothing is sent before the first operation.
 *
 * Operations reject with `KvError` (`unauthorized`, `forbidden`, `unavailable`, and those that {@link Admin}
 * names). A change that fails with `unavailable` may or may not have been made.
 *
 * @throws TypeError when the URL or the token is invalid
 * @example
 * const admin = connectAdmin({ url: "http://127.0.0.1:8788", token: process.env.KVASIR_TOKEN });
 * const { id } = await admin.namespaces.create("sessions");
 * const { token } = await admin.tokens.create({ scope: "write", namespaces: [id] });
 */
export function connectAdmin(server: ServerOptions): Admin {
  const requests = requestsTo("", server, "connectAdmin");
  const send: Fetch = requests.fetch ?? ((input, init) => fetch(input, init));
  const options = { ...requests, fetch: fetchWithPlainErrors(send) };
  const requester = new Requester(options);
  return {
    namespaces: new HttpNamespaces(requester),
    tokens: new HttpTokens(requester),
    transfer: new HttpTransfer(requester, new Requester({ ...options, timeoutMs: 0 })),
    data: new HttpData(requester),
  };
}

/** Namespaces, through the Cloudflare API. */
class HttpNamespaces implements NamespaceAdmin {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  async list(): Promise<readonly NamespaceInfo[]> {
    const all: NamespaceInfo[] = [];
    for (let page = 1; ; page++) {
      const path = `${NAMESPACES}?page=${page}&per_page=${NAMESPACES_PER_PAGE}&order=title`;
      const found = (await this.#result(path, { safe: true })) as NamespaceInfo[];
      all.push(...found.map(infoOf));
      if (found.length < NAMESPACES_PER_PAGE) return all;
    }
  }

  async create(title: string): Promise<NamespaceInfo> {
    return infoOf((await this.#result(NAMESPACES, json("POST", { title }))) as NamespaceInfo);
  }

  async rename(id: string, title: string): Promise<NamespaceInfo> {
    return infoOf((await this.#result(below(NAMESPACES, id), json("PUT", { title }))) as NamespaceInfo);
  }

  async delete(id: string): Promise<void> {
    await this.#result(below(NAMESPACES, id), { method: "DELETE" });
  }

  async #result(path: string, options: RequestOptions): Promise<unknown> {
    return resultOf((await this.#requester.json(path, options)).body);
  }
}

class HttpTokens implements TokenAdmin {
  readonly #requester: Requester;

  constructor(requester: Requester) {
    this.#requester = requester;
  }

  async create(token: object): Promise<CreatedToken> {
    return (await this.#requester.json(TOKENS, json("POST", token))).body as CreatedToken;
  }

  async list(): Promise<readonly TokenRecord[]> {
    const { body } = await this.#requester.json(TOKENS, { safe: true });
    return (body as { tokens: TokenRecord[] }).tokens;
  }

  async revoke(id: string): Promise<boolean> {
    try {
      await this.#requester.head(below(TOKENS, id), { method: "DELETE" });
      return true;
    } catch (error) {
      if (error instanceof KvError && error.code === "key_not_found") return false;
      throw error;
    }
  }
}

function below(path: string, id: string): string {
  return `${path}/${encodeURIComponent(id)}`;
}

function json(method: "POST" | "PUT", value: object): RequestOptions {
  return { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}

function infoOf({ id, title }: NamespaceInfo): NamespaceInfo {
  return { id, title };
}
