import { resolveSerializer, type Serializer, type SerializerType } from "./serializer.js";

/** How a client's values and metadata become an entry's, and back. */
export interface Codec {
  /** What the binding is asked for. */
  readonly type: "text" | "arrayBuffer" | "stream";
  /** Whether a value cannot be decoded without the entry's metadata. */
  readonly needsMetadata: boolean;
  encode(value: unknown, metadata: unknown): Promise<Encoded>;
  decode(raw: unknown, metadata: unknown): unknown;
  /** The caller's own metadata. */
  metadata(stored: unknown): unknown;
}

export interface Encoded {
  readonly value: unknown;
  readonly metadata: unknown;
}

/** @throws ConfigError when `serializer` is neither a name nor a serializer */
export function codecOf(serializer: SerializerType | Serializer<unknown> | undefined): Codec {
  switch (serializer) {
    case "text":
      return textCodec;
    case "arrayBuffer":
    case "stream":
      return { ...PLAIN, type: serializer };
    default: {
      const { serialize, deserialize } = resolveSerializer(serializer);
      const own = typeof serializer === "object" ? serializer : undefined;
      return {
        ...PLAIN,
        encode: async (value, metadata) => ({ value: await serialize.call(own, value), metadata }),
        decode: (raw) => deserialize.call(own, raw as string),
      };
    }
  }
}

const PLAIN: Codec = {
  type: "text",
  needsMetadata: false,
  encode: async (value, metadata) => ({ value, metadata }),
  decode: (raw) => raw,
  metadata: (stored) => stored ?? null,
};

/** The only property of an entry's metadata says: this text is a string; and holds the caller's own metadata. */
const STRING_MARK = "kvasir:string";

/**
 * `serializer: "text"`: strings and numbers, each as its text, each read back as what was put.
 *
 * The guide of the original promises both `kv<string>` and `kv<number>` of it, although the text `42` does not tell
 * them apart. So text that reads like a number is one (which is what a counter, `increment()` and `wrangler kv key
 * put` leave behind), and the rare string that looks like a number is marked as a string in its metadata.
 */
const textCodec: Codec = {
  type: "text",
  needsMetadata: true,
  async encode(value, metadata) {
    if (typeof value === "number") {
      if (!Number.isFinite(value)) throw new RangeError(`${value} would not be read back as a number`);
      return { value: String(value), metadata };
    }
    return looksLikeNumber(value)
      ? { value, metadata: { [STRING_MARK]: metadata ?? null } }
      : { value, metadata };
  },
  decode: (raw, metadata) => (looksLikeNumber(raw) && !isMarked(metadata) ? Number(raw) : raw),
  metadata: (stored) => (isMarked(stored) ? stored[STRING_MARK] : (stored ?? null)),
};

/** Whether `text` is exactly what a finite number's text would be; `007`, `1e3` and ` 1` are not. */
function looksLikeNumber(text: unknown): text is string {
  return typeof text === "string" && Number.isFinite(Number(text)) && String(Number(text)) === text;
}

function isMarked(metadata: unknown): metadata is { readonly [STRING_MARK]: unknown } {
  return (
    typeof metadata === "object" &&
    metadata !== null &&
    STRING_MARK in metadata &&
    Object.keys(metadata).length === 1
  );
}
