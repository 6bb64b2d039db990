/** What is measured on a cluster: with Kvasir, and with the client of a cluster alone. */
export interface ClusterContestant {
  get(key: string): Promise<unknown>;
  /** Resolves when the primary and its replica have it on disk. */
  put(key: string, value: string): Promise<unknown>;
  /** The same for many keys, each by itself. */
  putTogether(keys: readonly string[], value: string): Promise<unknown>;
  increment(key: string): Promise<unknown>;
  /** Lists the names of `limit` keys from `start` on, in order. Resolves with the number of keys. */
  listPage(start: string, limit: number): Promise<number>;
  /** Prepares what `listPage` lists, unless it is there anyway. */
  index(keys: readonly string[]): Promise<unknown>;
  /** Calls `onChange` with the key of every change from now on. Resolves when it has begun. */
  watch(onChange: (key: string) => void): Promise<unknown>;
  /** A put that the watch is told of. */
  announce(key: string, value: string): Promise<unknown>;
  close(): Promise<unknown>;
}

export type ClusterContestantName = "kvasir" | "client";

export interface ClusterOptions {
  readonly locator: string;
  readonly ports: readonly number[];
}
