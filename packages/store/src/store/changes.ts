import type { MaybePromise } from "@kvasir/client/namespace";
import type { Key } from "./entry.js";

/**
 * A place in the feed of changes. It is opaque: only the engine that made it can compare it or read it, and
 * it has nothing to do with the versions of entries. It holds no line breaks, and is for the feed that it
 * came from.
 */
export type Position = string;

export interface Change {
  readonly type: "put" | "delete" | "expire";
  /** Id of the namespace. Only in a feed of all namespaces. */
  readonly namespace?: string;
  readonly key: Key;
  readonly version: number;
  /** A watch since this position goes on with the next change. */
  readonly position: Position;
  /** Another change of the same commit follows, which has the same version. */
  readonly more?: true;
}

export interface WatchQuery {
  /** Id of a namespace. @default all namespaces */
  readonly namespace?: string | undefined;
  readonly prefix?: Key | undefined;
  /** Resume after this position. @default from now on */
  readonly since?: Position | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Called between changes with a position up to which all of them have been told. A watch whose prefix
   * rarely matches can resume from there when its last change is long forgotten.
   */
  readonly onPassed?: ((position: Position) => void) | undefined;
}

/** The feed of changes, of one namespace or of all. */
export interface Changes {
  /** The newest position: a watch since it is told everything that is written from now on. */
  position(namespace?: string): MaybePromise<Position>;
  /**
   * Changes by all processes. Those of one key come in the order of their versions. A feed of all namespaces
   * may leave out changes of namespaces that were deleted since.
   *
   * @throws KvError `bad_request` for a `since` that is not a position, by the call itself
   * @throws KvError `watch_behind` when `since` is older than what is remembered, or newer than anything (the
   *   data was replaced by older data), or when the reader fell behind
   */
  watch(query: WatchQuery): AsyncIterable<Change>;
}
