import { hash } from "node:crypto";
import type { Entry, LargeValue } from "@kvasir/store";
import type { ResponseHead } from "./cache-policy.js";
import { CACHED_RESPONSE_OVERHEAD_BYTES } from "./limits.js";

/** The start of the keys of all cached responses. */
export const RESPONSE_PREFIX = "r:";

/** What a response is cached under. */
export interface CacheKey {
  /** The name that `caches.open()` was given. `null` for `caches.default`. */
  readonly cache: string | null;
  /** The URL of the request, or its `cf.cacheKey`. */
  readonly text: string;
}

export interface CachedResponse extends ResponseHead {
  readonly body: Uint8Array | LargeValue;
}

/** The key of a response in the store. Cache keys have any length, so it is a hash. */
export function entryKey({ cache, text }: CacheKey): string {
  return `${RESPONSE_PREFIX}${hash("sha256", JSON.stringify([cache, text]), "hex")}`;
}

/** Status and headers as the metadata of an entry, whose value is the body. */
export function headMetadata({ status, headers }: ResponseHead): string {
  return JSON.stringify([status, headers]);
}

export function cachedResponse({ metadata, value }: Entry): CachedResponse {
  const [status, headers] = JSON.parse(metadata ?? "") as [number, ResponseHead["headers"]];
  return { status, headers, body: value };
}

/** What a stored response counts, in bytes. */
export function responseBytes(valueBytes: number, metadata: string | null): number {
  return valueBytes + (metadata?.length ?? 0) + CACHED_RESPONSE_OVERHEAD_BYTES;
}
