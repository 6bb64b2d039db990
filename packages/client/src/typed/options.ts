import type { WorkersKV } from "../namespace/kv-namespace.js";
import { TTL_SECONDS_MIN } from "../namespace/limits.js";
import { assertKVBinding, type KVBinding } from "./binding.js";
import { type Codec, codecOf } from "./codec.js";
import type { Serializer, SerializerType } from "./serializer.js";
import type { StandardSchemaOutput, StandardSchemaV1 } from "./standard-schema.js";

interface CommonOptions<T> {
  /** Goes before every key; no separator is added. @default "" */
  readonly prefix?: string | undefined;
  /**
   * How values are stored. `text` takes strings and numbers; a number is stored as its text and read back as a
   * number. `arrayBuffer` and `stream` hand bytes through. @default "json"
   */
  readonly serializer?: SerializerType | Serializer<T> | undefined;
  /** Time to live of what is put without one, in seconds. @default none: it stays */
  readonly defaultTtl?: number | undefined;
  /** How old an answer of a read may be, in seconds; `false` for the binding's own default. @default false */
  readonly cacheTtl?: number | false | undefined;
  /** @deprecated The older name of `cacheTtl`, which wins. */
  readonly defaultCacheTtl?: number | false | undefined;
  /** Validates on `put` too. What is stored is the value as given. @default false */
  readonly validateOnWrite?: boolean | undefined;
  /** Shortest time to live that the binding accepts, in seconds. @default 60, as in Workers KV */
  readonly minTtl?: number | undefined;
}

/** Options of `kv()`. */
export interface KVOptions<T = unknown> extends CommonOptions<T> {
  /** Validates what is read; reads return what the schema makes of it. */
  readonly schema?: StandardSchemaV1<unknown, T> | undefined;
}

/** Options of `kv<T>()` where the caller names the type. */
export interface KVOptionsWithoutSchema<T = unknown> extends CommonOptions<T> {
  readonly schema?: undefined;
}

/** Options of `kv()` where the schema gives the type. */
export interface KVOptionsWithSchema<Schema extends StandardSchemaV1>
  extends CommonOptions<StandardSchemaOutput<Schema>> {
  readonly schema: Schema;
}

/** The options with their defaults, as every operation reads them. */
export interface Settings {
  readonly binding: WorkersKV;
  readonly prefix: string;
  readonly codec: Codec;
  readonly schema: StandardSchemaV1 | undefined;
  readonly validateOnWrite: boolean;
  readonly defaultTtl: number | undefined;
  readonly ttlMin: number;
  readonly cacheTtl: number | false | undefined;
}

/**
 * @throws BindingNotFoundError, ConfigError
 */
export function settingsOf(
  binding: KVBinding,
  options: CommonOptions<unknown> & { readonly schema?: StandardSchemaV1 | undefined },
): Settings {
  assertKVBinding(binding);
  return {
    binding,
    prefix: options.prefix ?? "",
    codec: codecOf(options.serializer),
    schema: options.schema,
    validateOnWrite: options.validateOnWrite ?? false,
    defaultTtl: options.defaultTtl,
    ttlMin: options.minTtl ?? TTL_SECONDS_MIN,
    cacheTtl: options.cacheTtl ?? options.defaultCacheTtl,
  };
}
