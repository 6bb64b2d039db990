import { keepAlive } from "../background.js";
import { expiringValue } from "./expiring-value.js";
import { keyPageOf, TelnyxKeys } from "./telnyx-keys.js";

/**
 * The helpers that Telnyx's documentation defines once and uses everywhere (quick start, "Key expiration"),
 * for one namespace. A function's own definition of one of these names takes precedence. An operation
 * finishes even if the function does not await it, also after the response.
 */
export function prelude(namespaceId: string): Readonly<Record<string, unknown>> {
  const keys = new TelnyxKeys(namespaceId);

  async function kvGet(key: string): Promise<string | null> {
    const response = await keys.get(key);
    if (response.status === 404) return null;
    checked(response, "read");
    return response.text();
  }

  async function kvPut(key: string, value: string, ttlSeconds?: number): Promise<void> {
    checked(await keys.put(key, String(value), ttlSeconds), "write");
  }

  async function kvDelete(key: string): Promise<void> {
    checked(await keys.delete(key), "delete");
  }

  /** Returns the names of all keys that start with the prefix. */
  async function kvList(prefix = ""): Promise<string[]> {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await keyPageOf(checked(await keys.list({ prefix, cursor }), "list"));
      names.push(...page.keys.map(({ key }) => key));
      cursor = page.cursor;
    } while (cursor !== undefined);
    return names;
  }

  async function kvPutWithExpiry(key: string, value: unknown, ttlSeconds: number): Promise<void> {
    const expiring = { value, expires_at: Date.now() + ttlSeconds * 1000 };
    // The entry also expires in the store, so that entries which are never read again do not stay forever.
    const storedSeconds = Math.ceil(ttlSeconds);
    await kvPut(key, JSON.stringify(expiring), storedSeconds >= 1 ? storedSeconds : undefined);
  }

  async function kvGetWithExpiry(key: string): Promise<unknown> {
    const text = await kvGet(key);
    if (text === null) return null;
    const { value, expired } = expiringValue(text);
    if (!expired) return value;
    await kvDelete(key);
    return null;
  }

  const put = keptAlive(kvPut);
  return {
    kvGet: keptAlive(kvGet),
    kvPut: put,
    kvDelete: keptAlive(kvDelete),
    kvList: keptAlive(kvList),
    kvPutWithTTL: put,
    kvPutWithExpiry: keptAlive(kvPutWithExpiry),
    kvGetWithExpiry: keptAlive(kvGetWithExpiry),
    toBase64,
    fromBase64,
  };
}

function keptAlive<Arguments extends unknown[], T>(
  operation: (...args: Arguments) => Promise<T>,
): (...args: Arguments) => Promise<T> {
  return (...args) => keepAlive(operation(...args));
}

function checked(response: Response, action: "read" | "write" | "delete" | "list"): Response {
  if (!response.ok) throw new Error(`KV ${action} error: ${response.status}`);
  return response;
}

/** Encodes a text as UTF-8 and then as Base64. */
function toBase64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function fromBase64(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}
