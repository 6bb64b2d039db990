import { telnyxFetch } from "./telnyx-fetch.js";

export interface KeyPage {
  readonly keys: readonly {
    readonly key: string;
    readonly size_bytes: number;
    readonly updated_at: string;
  }[];
  readonly cursor: string | undefined;
}

export interface KeyPageOptions {
  readonly prefix?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Requests for the keys of one namespace. The caller checks the responses. */
export class TelnyxKeys {
  readonly #path: string;

  constructor(namespaceId: string) {
    this.#path = `/${encodeURIComponent(namespaceId)}/keys`;
  }

  get(key: string): Promise<Response> {
    return telnyxFetch(this.#keyPath(key));
  }

  /** @param ttlSeconds whole seconds, at least 1; `undefined` keeps the value until it is deleted */
  put(key: string, value: string, ttlSeconds?: number): Promise<Response> {
    const query = ttlSeconds === undefined ? "" : `?ttl_secs=${ttlSeconds}`;
    return telnyxFetch(this.#keyPath(key) + query, { method: "PUT", body: value });
  }

  delete(key: string): Promise<Response> {
    return telnyxFetch(this.#keyPath(key), { method: "DELETE" });
  }

  list(options: KeyPageOptions): Promise<Response> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(options)) {
      if (value !== undefined) query.set(name, String(value));
    }
    return telnyxFetch(`${this.#path}?${query}`);
  }

  #keyPath(key: string): string {
    // These names cannot be a URL's path segment: the request would concern another path.
    if (typeof key !== "string" || ["", ".", ".."].includes(key)) {
      throw new TypeError(`A key must be a string other than "", "." and "..", not ${JSON.stringify(key)}.`);
    }
    return `${this.#path}/${encodeURIComponent(key)}`;
  }
}

export async function keyPageOf(response: Response): Promise<KeyPage> {
  const { data, meta } = (await response.json()) as {
    data: KeyPage["keys"];
    meta: { has_more: boolean; cursor?: string };
  };
  return { keys: data, cursor: meta.has_more ? meta.cursor : undefined };
}
