import { keepAlive } from "../background.js";
import { type KeyPageOptions, keyPageOf, TelnyxKeys } from "./telnyx-keys.js";

interface ListedKey {
  readonly name: string;
  readonly sizeBytes: number;
  readonly updatedAt: Date;
  readonly metadata?: undefined;
}

/**
 * A namespace as in `@telnyx/edge-runtime`: string values, TTLs from one second, no metadata. An operation
 * finishes even if the function does not await it.
 */
export class KvNamespace {
  readonly #keys: TelnyxKeys;

  constructor(namespaceId: string) {
    this.#keys = new TelnyxKeys(namespaceId);
  }

  /** Returns `null` if the key does not exist. With `type: "json"` also for an empty value. */
  get(key: string, options: { readonly type?: "text" | "json" } = {}): Promise<unknown> {
    return keepAlive(this.#get(key, options));
  }

  async #get(key: string, options: { readonly type?: "text" | "json" }): Promise<unknown> {
    const response = await this.#keys.get(key);
    if (response.status === 404) return null;
    const text = await (await checked(response, "get")).text();
    if (options.type !== "json") return text;
    return text === "" ? null : JSON.parse(text);
  }

  /** A TTL below one second means none. Metadata is accepted and not stored, as in Telnyx. */
  put(
    key: string,
    value: string,
    options: { readonly expirationTtl?: number; readonly metadata?: unknown } = {},
  ): Promise<void> {
    return keepAlive(this.#put(key, value, options.expirationTtl));
  }

  async #put(key: string, value: string, expirationTtl = 0): Promise<void> {
    const seconds = Math.floor(expirationTtl);
    await checked(await this.#keys.put(key, String(value), seconds >= 1 ? seconds : undefined), "put");
  }

  /** Deleting a missing key is not an error. */
  delete(key: string): Promise<void> {
    return keepAlive(this.#delete(key));
  }

  async #delete(key: string): Promise<void> {
    await checked(await this.#keys.delete(key), "delete");
  }

  async list(
    options: KeyPageOptions = {},
  ): Promise<{ keys: ListedKey[]; list_complete: boolean; cursor?: string }> {
    const { prefix, limit, cursor } = options;
    const page = await keyPageOf(await checked(await this.#keys.list({ prefix, limit, cursor }), "list"));
    const keys = page.keys.map(({ key, size_bytes, updated_at }) => ({
      name: key,
      sizeBytes: size_bytes,
      updatedAt: new Date(updated_at),
      metadata: undefined,
    }));
    return page.cursor === undefined
      ? { keys, list_complete: true }
      : { keys, list_complete: false, cursor: page.cursor };
  }
}

async function checked(response: Response, operation: string): Promise<Response> {
  if (response.ok) return response;
  const body = (await response.json().catch(() => undefined)) as
    | { errors?: readonly { detail?: string }[] }
    | undefined;
  const detail = body?.errors?.[0]?.detail;
  throw new Error(`KV ${operation} failed: ${response.status}${detail === undefined ? "" : ` ${detail}`}`);
}
