import { ConfigError } from "./errors/failures.js";

/** The names of the built-in serializers. */
export type SerializerType = "json" | "text" | "arrayBuffer" | "stream";

/**
 * Converts values to the stored form and back. Both directions may be asynchronous, for example for
 * encryption.
 */
export interface Serializer<T> {
  serialize(value: T): Stored | Promise<Stored>;
  deserialize(raw: string): T | Promise<T>;
}

/** The types of value that a namespace stores. */
export type Stored = string | ArrayBuffer | ArrayBufferView | ReadableStream;

/** `JSON.stringify` and `JSON.parse`. This is the default. */
export const jsonSerializer = {
  serialize(value: unknown): string {
    const json = JSON.stringify(value) as string | undefined;
    // The original passes `undefined` on. Workers KV stores it as that word, which cannot be read back.
    if (json === undefined) throw new TypeError(`JSON cannot say ${typeof value}`);
    return json;
  },
  // Has the type of JSON.parse: the caller chooses the type.
  deserialize: (raw: string): ReturnType<typeof JSON.parse> => JSON.parse(raw),
};

/** Strings, unchanged. */
export const textSerializer = {
  serialize: (value: string): string => value,
  deserialize: (raw: string): string => raw,
};

/**
 * Resolves an option to a serializer. The default is `json`.
 *
 * @throws ConfigError if it is neither a name nor a serializer
 */
export function resolveSerializer<T>(option?: SerializerType | Serializer<T>): Serializer<T> {
  if (!option || option === "json") return jsonSerializer;
  // All three pass values on as they are.
  if (option === "text" || option === "arrayBuffer" || option === "stream") {
    return textSerializer as Serializer<unknown> as Serializer<T>;
  }
  if (typeof option.serialize === "function" && typeof option.deserialize === "function") return option;
  throw new ConfigError(
    `Unknown KV serializer ${JSON.stringify(option)}. ` +
      'Use "json", "text", "arrayBuffer", "stream", or an object with serialize() and deserialize().',
  );
}
