/** A cache that keeps nothing: every `match` is a miss. */
export interface EmptyCache {
  match(request: unknown, options?: unknown): Promise<undefined>;
  put(request: unknown, response: unknown): Promise<undefined>;
  delete(request: unknown, options?: unknown): Promise<boolean>;
}

export interface EmptyCaches {
  readonly default: EmptyCache;
  open(name: string): Promise<EmptyCache>;
}

/**
 * The `caches` of a dev server. Like wrangler's, they keep nothing: a dev server should show what the code
 * computes now, and the objects of Node's `fetch` are not those of workerd.
 */
export function emptyCaches(): EmptyCaches {
  const cache: EmptyCache = {
    match: async () => undefined,
    put: async () => undefined,
    delete: async () => false,
  };
  return { default: cache, open: async () => cache };
}
