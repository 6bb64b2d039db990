import type { ListedPage } from "./backend.js";
import type { KVNamespaceListResult } from "./kv-namespace.js";

/** A page as callers see it: metadata arrives as JSON text, and the cache status is always there. */
export function listResult(page: ListedPage): KVNamespaceListResult<unknown> {
  for (const key of page.keys) {
    if (typeof key.metadata === "string") key.metadata = JSON.parse(key.metadata);
  }
  page.cacheStatus ??= null;
  return page as KVNamespaceListResult<unknown>;
}
