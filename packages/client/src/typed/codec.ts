import { resolveSerializer, type Serializer, type SerializerType } from "./serializer.js";

/** Converts a client's values and metadata to those of an entry, and back. */
export interface Codec {
  /** The type in which values are read from the binding. */
  readonly type: "text" | "arrayBuffer" | "stream";
  /** Whether decoding a value needs the entry's metadata. */
  readonly needsMetadata: boolean;
  encode(value: unknown, metadata: unknown): Promise<Encoded>;
  decode(raw: unknown, metadata: unknown): unknown;
  /** Extracts the caller's own metadata. */
  metadata(stored: unknown): unknown;
}

export interface Encoded {
  readonly value: unknown;
  readonly metadata: unknown;
}

/** @throws ConfigError if `serializer` is neither a name nor a serializer */
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

/**
 * The only property of marked metadata. It says that the text is a string, and holds the caller's own
 * metadata.
 */
const STRING_MARK = "kvasir:string";

/**
 * `serializer: "text"`: strings and numbers. Each is stored as its text and read back as it was put.
 *
 * The guide of the original promises that it works for both `kv<string>` and `kv<number>`, although the text
 * `42` does not tell them apart. So a text that looks like a number is read as a number. A counter,
 * `increment()` and `wrangler kv key put` leave such texts. A string that looks like a number is rare, and is
 * marked as a string in its metadata.
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

/** Whether `text` is exactly the text of a finite number. `007`, `1e3` and ` 1` are not. */
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
