import { connect, type KVNamespace } from "@kvasir/client";

/** The admin token of every `serve` that the harness starts. */
export const TOKEN = "harness-token";

const NAMESPACES = `/client/v4/accounts/${"0".repeat(32)}/storage/kv/namespaces`;

/** The API of a server in another process, as an admin reaches it. */
export class RunningApi {
  readonly url: string;
  /** Where functions respond, if there are any. */
  readonly functions: string | undefined;

  constructor(url: string, functions?: string) {
    this.url = url;
    this.functions = functions;
  }

  /** @returns the id of the new namespace */
  async createNamespace(title: string): Promise<string> {
    const response = await this.fetch(NAMESPACES, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ title }),
    });
    const { result } = (await response.json()) as { readonly result: { readonly id: string } };
    return result.id;
  }

  async namespaceId(title: string): Promise<string> {
    const response = await this.fetch(NAMESPACES);
    const { result } = (await response.json()) as {
      readonly result: readonly { id: string; title: string }[];
    };
    const found = result.find((namespace) => namespace.title === title);
    if (found === undefined) throw new Error(`No namespace has the title ${title}.`);
    return found.id;
  }

  /** A namespace as a user's program reaches it. Failed requests are not retried: tests judge each response. */
  namespace(id: string, { timeoutMs }: { readonly timeoutMs?: number } = {}): KVNamespace {
    return connect({ url: this.url, namespace: id, token: TOKEN, retries: 0, timeoutMs });
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${TOKEN}` },
    });
  }
}
