import { TAGGED_SECONDS_MAX } from "./limits.js";
import type { TagVersions } from "./tag-version.js";

/** A value to store, and for how long. */
export interface Content {
  /** A text whose meaning only its producer knows. */
  readonly payload: string;
  readonly freshMs: number;
  /** How much longer it may be served while a new one is computed. */
  readonly staleMs: number;
  /** Whether the payload is the message of a computation that failed. */
  readonly failed?: boolean;
}

/** Content as stored. */
export interface CacheEntry {
  readonly payload: string;
  readonly failed: boolean;
  readonly storedAtMs: number;
  readonly freshUntilMs: number;
  readonly staleUntilMs: number;
  /** How long the computation took, in milliseconds. */
  readonly tookMs: number;
  /** The versions from before the computation, so that an invalidation during it counts. */
  readonly tags: TagVersions;
}

/**
 * The entry for content that is stored now. With tags it must not outlive the record of their invalidation.
 */
export function entryOf(
  { payload, failed = false, freshMs, staleMs }: Content,
  { nowMs, tookMs, tags }: { readonly nowMs: number; readonly tookMs: number; readonly tags: TagVersions },
): CacheEntry {
  const longestMs = tags.size > 0 ? TAGGED_SECONDS_MAX * 1000 : Number.POSITIVE_INFINITY;
  const freshUntilMs = nowMs + Math.min(freshMs, longestMs);
  const staleUntilMs = nowMs + Math.min(freshMs + staleMs, longestMs);
  return { payload, failed, storedAtMs: nowMs, freshUntilMs, staleUntilMs, tookMs, tags };
}

/** The first line. The payload follows without JSON escaping. */
interface Header {
  readonly at: number;
  readonly fresh: number;
  readonly stale: number;
  readonly took: number;
  readonly tags?: readonly (readonly [string, string | null])[];
  readonly failed?: true;
}

export function entryText(entry: CacheEntry): string {
  const header: Header = {
    at: entry.storedAtMs,
    fresh: entry.freshUntilMs,
    stale: entry.staleUntilMs,
    took: entry.tookMs,
    ...(entry.tags.size > 0 && { tags: [...entry.tags] }),
    ...(entry.failed && { failed: true }),
  };
  return `${JSON.stringify(header)}\n${entry.payload}`;
}

/** Returns `null` if the text is not an entry. The value is then computed again and overwrites it. */
export function parseEntry(text: string | null): CacheEntry | null {
  const end = text?.indexOf("\n") ?? -1;
  if (text === null || end < 0) return null;
  try {
    const { at, fresh, stale, took, tags = [], failed = false } = JSON.parse(text.slice(0, end)) as Header;
    if (![at, fresh, stale, took].every(Number.isFinite)) return null;
    return {
      payload: text.slice(end + 1),
      failed,
      storedAtMs: at,
      freshUntilMs: fresh,
      staleUntilMs: stale,
      tookMs: took,
      tags: new Map(tags),
    };
  } catch {
    return null;
  }
}
