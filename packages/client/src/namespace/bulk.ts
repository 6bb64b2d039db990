import type { BulkStored } from "./backend.js";

/**
 * A bulk read's answer: one entry for each key, in the order of the request, `null` where there is nothing. Unlike
 * the native binding it is built from the request, so that integer-like keys (`"1"`) are not lost.
 */
export function bulkResult(
  names: readonly string[],
  found: { get(key: string): BulkStored | null | undefined },
  withMetadata: boolean,
): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const name of names) {
    const entry = found.get(name) ?? null;
    if (entry === null || !withMetadata) result.set(name, entry === null ? null : entry.value);
    else result.set(name, { value: entry.value, metadata: entry.metadata ?? null });
  }
  return result;
}
