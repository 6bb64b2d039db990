/** The stores that a program can call in its own process; each is opened in a process of its own. */
export const ENGINES = ["kvasir", "lmdb", "deno-kv", "redis", "unstorage"] as const;
export type EngineName = (typeof ENGINES)[number];

/**
 * One store, each operation written as its own documentation has it, and no slower: a loop over keys is the engine's
 * own, so that a store that answers synchronously is not made to wait for promises. What a store does not have is
 * absent.
 */
export interface Engine {
  /** Makes the first `count` keys of `keyName`. */
  fill(count: number): Promise<void>;
  /** Reads the text of these keys, one after the other. Throws when one is missing. */
  getEach(keys: readonly string[]): Promise<void>;
  /** Reads them with one call. */
  getTogether(keys: readonly string[]): Promise<void>;
  /** Resolves when the store's own promise does; which that is says its `peer`. */
  put(key: string, value: string): Promise<unknown>;
  /** All of them or none. */
  putTogether?(keys: readonly string[], value: string): Promise<unknown>;
  increment?(key: string): Promise<unknown>;
  /** The names of so many keys from `start` on, in order; resolves to how many there were. */
  listPage?(start: string, limit: number): Promise<number>;
  close(): Promise<unknown>;
}

/** What an engine needs to open. */
export interface EngineOptions {
  /** Where its data is, or is to be. */
  readonly directory: string;
  /** Of its server, where it has one. */
  readonly url?: string;
}
