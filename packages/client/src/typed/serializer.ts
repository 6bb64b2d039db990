import { ConfigError } from "./errors/failures.js";

/** The kinds of value that a client may keep, by name. */
export type SerializerType = "json" | "text" | "arrayBuffer" | "stream";

/** Turns values into what a namespace stores, and back. Either way may take its time (encryption, say). */
export interface Serializer<T> {
  serialize(value: T): Stored | Promise<Stored>;
  deserialize(raw: string): T | Promise<T>;
}

/** What a namespace stores. */
export type Stored = string | ArrayBuffer | ArrayBufferView | ReadableStream;

/** `JSON.stringify` and `JSON.parse`; the default. */
export const jsonSerializer = {
  serialize(value: unknown): string {
    const json = JSON.stringify(value) as string | undefined;
    // The original passes `undefined` on, which Workers KV stores as the word and nothing reads back.
    if (json === undefined) throw new TypeError(`JSON cannot say ${typeof value}`);
    return json;
  },
  // Typed as JSON.parse is: whoever reads says what it will be.
  deserialize: (raw: string): ReturnType<typeof JSON.parse> => JSON.parse(raw),
};

/** Strings as they are. */
export const textSerializer = {
  serialize: (value: string): string => value,
  deserialize: (raw: string): string => raw,
};

/**
 * The serializer that an option names, `json` when it names none.
 *
 * @throws ConfigError when it is neither a name nor a serializer
 */
export function resolveSerializer<T>(option?: "json" | "text" | Serializer<T>): Serializer<T> {
  if (!option || option === "json") return jsonSerializer;
  if (option === "text") return textSerializer as Serializer<unknown> as Serializer<T>;
  if (typeof option.serialize === "function" && typeof option.deserialize === "function") return option;
  throw new ConfigError(
    `Unknown KV serializer ${JSON.stringify(option)}. ` +
      'Use "json", "text", "arrayBuffer", "stream", or an object with serialize() and deserialize().',
  );
}
