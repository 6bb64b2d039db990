import type { MaybePromise, StoredEntry } from "./backend.js";
import { optionalInt32, text } from "./coerce.js";

/** The second argument of `get` and `getWithMetadata`: a type's name or an object of options. */
export interface ReadOptions {
  readonly type: string | undefined;
  /** Seconds. */
  readonly cacheTtl: number | undefined;
  readonly version: boolean;
}

const DEFAULTS: ReadOptions = { type: undefined, cacheTtl: undefined, version: false };

export function readOptions(options: unknown): ReadOptions {
  if (options === undefined || options === null) return DEFAULTS;
  if (typeof options !== "object" && typeof options !== "function") {
    return { ...DEFAULTS, type: text(options) };
  }
  const { type, cacheTtl, version } = options as { type?: unknown; cacheTtl?: unknown; version?: unknown };
  return {
    // `null` becomes the name "null", which is no type: so does the native binding.
    type: type === undefined ? undefined : text(type),
    cacheTtl: optionalInt32(cacheTtl),
    version: version === true,
  };
}

/** An entry's value as the type asks. An unknown type is only noticed here: a missing key is `null` for any. */
export function decode(entry: StoredEntry, type: string | undefined): MaybePromise<unknown> {
  switch (type) {
    case undefined:
    case "text":
      return entry.text();
    case "json": {
      const json = entry.text();
      return json instanceof Promise ? json.then((value) => JSON.parse(value)) : JSON.parse(json);
    }
    case "arrayBuffer":
      return entry.bytes();
    case "stream":
      return entry.stream();
    default:
      entry.discard();
      throw new TypeError(
        'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
      );
  }
}

/** @throws SyntaxError for metadata that is not JSON */
export function metadataOf(entry: StoredEntry): unknown {
  if (entry.metadata === null) return null;
  try {
    return JSON.parse(entry.metadata);
  } catch (error) {
    entry.discard();
    throw error;
  }
}
