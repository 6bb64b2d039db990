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

/**
 * The directory that a locator names.
 *
 * @throws KvError `unsupported` for a locator of another engine than `lmdb`
 */
export function directoryOf(locator: string): string {
  const { engine, rest } = parseLocator(locator);
  if (engine !== EMBEDDED) throw noEngineError(engine);
  return rest;
}

/** Names the engine only: the rest may hold a password. */
export function noEngineError(engine: string): KvError {
  return new KvError("unsupported", `This version of Kvasir has no engine for ${engine}:// data.`, {
    hint: "Give the path of a data directory instead.",
  });
}

const EMBEDDED = "lmdb";
