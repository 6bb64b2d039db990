import type { Key } from "./entry.js";
import type { MaybePromise } from "./maybe-promise.js";

export interface Change {
  readonly type: "put" | "delete" | "expire";
  readonly key: Key;
  readonly version: number;
  /** Another change of this version follows: whoever stops here has to resume after the version before. */
  readonly more?: true;
}

export interface WatchQuery {
  readonly prefix?: Key | undefined;
  /** Resume after this version; without it, from now on. */
  readonly since?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called, between changes, with a version up to which all of them have been told: a watch whose prefix rarely
   * matches can resume from there, when its last change is long forgotten.
   */
  readonly onPassed?: ((version: number) => void) | undefined;
}

export interface Changes {
  /** The newest version: a watch `since` it gets all that is written from now on. */
  version(): MaybePromise<number>;
  /**
   * Changes of a namespace in the order of their versions, this process's and others'.
   *
   * @throws KvError `watch_behind` when `since` is older than what is remembered, or newer than anything (the data
   *   was replaced by older ones), or when the reader fell behind
   */
  watch(namespace: string, query: WatchQuery): AsyncIterable<Change>;
}
