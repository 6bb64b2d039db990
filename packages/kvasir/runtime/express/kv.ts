import { keepAlive } from "../background.js";
import { service } from "../handler/services.js";

// This endpoint allows TTLs from one second. A header that workerd adds selects the namespace.
const BASE = "http://kv/kvasir/short-lived/";

/**
 * Invoke's global `kv`: JSON values by key. A missing key reads as `null`, as in Invoke's documentation.
 * Functions often do not await writes after `res.end`. Such writes finish anyway.
 *
 * Invoke's documentation is inconsistent about TTLs: its examples use seconds, its API page
 * milliseconds. `ttlUnit` selects one.
 */
export class Kv {
  readonly #ttlUnit: "s" | "ms";

  constructor(ttlUnit: "s" | "ms") {
    this.#ttlUnit = ttlUnit;
  }

  get(key: string): Promise<unknown> {
    return keepAlive(get(key));
  }

  /** @param ttl if it is missing, `null` or 0, the value stays until it is deleted */
  set(key: string, value: unknown, ttl?: number | null): Promise<true> {
    return keepAlive(this.#set(key, value, ttl));
  }

  has(key: string): Promise<boolean> {
    return keepAlive(has(key));
  }

  /** Returns whether the key existed. */
  delete(key: string): Promise<boolean> {
    return keepAlive(remove(key));
  }

  /** Deletes every key. */
  clear(): Promise<void> {
    return keepAlive(clear());
  }

  async #set(key: string, value: unknown, ttl: number | null | undefined): Promise<true> {
    const body = JSON.stringify(value);
    if (body === undefined) throw failure("set", `${typeof value} is no JSON value`);
    const seconds = this.#seconds(ttl);
    const query = seconds === undefined ? "" : `&expiration_ttl=${seconds}`;
    await request("set", key, { method: "PUT", body, query });
    return true;
  }

  /** Rounds up to whole seconds: an entry may live longer than asked for, but not shorter. */
  #seconds(ttl: number | null | undefined): number | undefined {
    if (ttl === undefined || ttl === null || ttl === 0) return undefined;
    if (!(Number(ttl) > 0 && Number.isFinite(Number(ttl)))) {
      throw failure("set", `a time to live is a number above 0, not ${String(ttl)}`);
    }
    return Math.ceil(this.#ttlUnit === "ms" ? ttl / 1000 : ttl);
  }
}

async function get(key: string): Promise<unknown> {
  const response = await request("get", key);
  if (response.status === 404) return null;
  return JSON.parse(await response.text());
}

async function has(key: string): Promise<boolean> {
  return (await request("has", key, { method: "HEAD" })).status !== 404;
}

async function remove(key: string): Promise<boolean> {
  const existed = await has(key);
  await request("delete", key, { method: "DELETE" });
  return existed;
}

async function clear(): Promise<void> {
  await checked("clear", await service("kvasir:values").fetch(`${BASE}?all=true`, { method: "DELETE" }));
}

type Operation = "get" | "set" | "has" | "delete" | "clear";

async function request(
  operation: Operation,
  key: string,
  { query = "", ...init }: RequestInit & { readonly query?: string } = {},
): Promise<Response> {
  const name = String(key);
  // These names cannot be a URL's path segment: the request would concern all keys.
  if (["", ".", ".."].includes(name)) throw failure(operation, `"${name}" cannot be a key`);
  const url = `${BASE}${encodeURIComponent(name)}?urlencoded=true${query}`;
  return checked(operation, await service("kvasir:values").fetch(url, init));
}

async function checked(operation: Operation, response: Response): Promise<Response> {
  if (response.ok || (response.status === 404 && operation !== "set" && operation !== "clear"))
    return response;
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  throw failure(operation, body?.error?.message ?? `status ${response.status}`);
}

function failure(operation: Operation, reason: string): Error {
  return new Error(`KV ${operation} error: ${reason}`);
}
