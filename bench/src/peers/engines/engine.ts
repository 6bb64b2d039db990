/** The stores that a program can call in its own process. Each is opened in a process of its own. */
export const ENGINES = ["kvasir", "lmdb", "deno-kv", "redis", "unstorage"] as const;
export type EngineName = (typeof ENGINES)[number];

/**
 * One store. Each operation is written as the store's own documentation shows it, and no slower. The engine
 * loops over keys itself, so that a synchronous store need not wait for promises. Operations that a store
 * does not have are absent.
 */
export interface Engine {
  /** Writes the first `count` keys of `keyName`. */
  fill(count: number): Promise<void>;
  /** Reads the text of these keys, one after the other. Throws if one is missing. */
  getEach(keys: readonly string[]): Promise<void>;
  /** Reads them with one call. */
  getTogether(keys: readonly string[]): Promise<void>;
  /** Resolves when the store's own promise does. The engine's `peer` says when that is. */
  put(key: string, value: string): Promise<unknown>;
  /** All of them or none. */
  putTogether?(keys: readonly string[], value: string): Promise<unknown>;
  increment?(key: string): Promise<unknown>;
  /** Lists the names of `limit` keys from `start` on, in order. Resolves with the number of keys. */
  listPage?(start: string, limit: number): Promise<number>;
  close(): Promise<unknown>;
}

/** What an engine needs to open. */
export interface EngineOptions {
  /** The directory for its data. */
  readonly directory: string;
  /** The URL of its server, if it has one. */
  readonly url?: string;
}
