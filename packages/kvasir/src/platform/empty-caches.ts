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

class Cache implements EmptyCache {
  async match(): Promise<undefined> {
    return undefined;
  }

  async put(): Promise<undefined> {
    return undefined;
  }

  async delete(): Promise<boolean> {
    return false;
  }
}

/** Members of browsers' `caches` that Workers do not have. Like in workerd, a call of one says so. */
const NOT_IMPLEMENTED = ["has", "delete", "keys", "match"];

class CacheStorage implements EmptyCaches {
  readonly default = new Cache();

  constructor() {
    for (const method of NOT_IMPLEMENTED) {
      const value = () => {
        throw new Error(`Failed to execute '${method}' on 'CacheStorage': the method is not implemented.`);
      };
      Object.defineProperty(this, method, { enumerable: false, value });
    }
  }

  async open(): Promise<EmptyCache> {
    return new Cache();
  }
}

/**
 * The `caches` of a dev server. Like wrangler's, they keep nothing: a dev server should show what the code
 * computes now, and the objects of Node's `fetch` are not those of workerd.
 */
export function emptyCaches(): EmptyCaches {
  return new CacheStorage();
}
