import type { WorkersKV } from "../namespace/kv-namespace.js";
import { TTL_SECONDS_MIN } from "../namespace/limits.js";
import { assertKVBinding, type KVBinding } from "./binding.js";
import { type Codec, codecOf } from "./codec.js";
import type { Serializer, SerializerType } from "./serializer.js";
import type { StandardSchemaOutput, StandardSchemaV1 } from "./standard-schema.js";

interface CommonOptions<T> {
  /** Prefix of every key. No separator is added. @default "" */
  readonly prefix?: string | undefined;
  /**
   * How values are stored. `text` accepts strings and numbers. A number is stored as its text and read back
   * as a number. `arrayBuffer` and `stream` pass bytes through. @default "json"
   */
  readonly serializer?: SerializerType | Serializer<T> | undefined;
  /** TTL of values that are put without one, in seconds. @default none: they stay */
  readonly defaultTtl?: number | undefined;
  /** Largest age of a read's result, in seconds. `false`: the binding's own default. @default false */
  readonly cacheTtl?: number | false | undefined;
  /** @deprecated The older name of `cacheTtl`, which wins over it. */
  readonly defaultCacheTtl?: number | false | undefined;
  /** Also validates on `put`. The value is stored as given. @default false */
  readonly validateOnWrite?: boolean | undefined;
  /** Smallest TTL that the binding accepts, in seconds. @default 60, as in Workers KV */
  readonly minTtl?: number | undefined;
}

/** Options of `kv()`. */
export interface KVOptions<T = unknown> extends CommonOptions<T> {
  /** Validates values that are read. Reads return the schema's output. */
  readonly schema?: StandardSchemaV1<unknown, T> | undefined;
}

/** Options of `kv<T>()` with a type argument. */
export interface KVOptionsWithoutSchema<T = unknown> extends CommonOptions<T> {
  readonly schema?: undefined;
}

/** Options of `kv()` with a schema, which provides the type. */
export interface KVOptionsWithSchema<Schema extends StandardSchemaV1>
  extends CommonOptions<StandardSchemaOutput<Schema>> {
  readonly schema: Schema;
}

/** The resolved options. */
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
