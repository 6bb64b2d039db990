import { KvError } from "@kvasir/client/namespace";

/** Which engine opens a store, and what it is to open. */
export interface Locator {
  /** Lower case. */
  readonly engine: string;
  /** In the engine's own terms: for `lmdb` the path of a directory, or `:memory:`. */
  readonly rest: string;
}

/**
 * Parses what `open()` takes: `engine://rest`, or a path, which is `lmdb:`'s. Text with a single letter
 * before the colon is a path on Windows.
 */
export function parseLocator(text: string): Locator {
  const [, scheme, slashes, rest = ""] = /^([a-z][a-z0-9+.-]+):(\/\/)?(.*)$/is.exec(text) ?? [];
  const engine = scheme?.toLowerCase();
  if (engine === undefined || (slashes === undefined && engine !== EMBEDDED)) {
    return { engine: EMBEDDED, rest: text };
  }
  return { engine, rest };
}

/** A locator as it may be shown: without the user and the password. */
export function shownLocator(locator: string): string {
  return locator.replace(/:\/\/.*@/s, "://");
}

/** Names the engine only: the rest may hold a password. */
export function noEngineError(engine: string): KvError {
  return new KvError("unsupported", `This version of Kvasir has no engine for ${engine}:// data.`, {
    hint: "Give the path of a data directory, or the nodes of a cluster: valkey://HOST:PORT/NAME.",
  });
}

/** The engine of a path. */
export const EMBEDDED = "lmdb";
