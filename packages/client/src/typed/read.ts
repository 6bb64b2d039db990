import { extended } from "./binding.js";
import { KVSerializationError } from "./errors/kv-errors.js";
import { guard, type KVOperation } from "./errors/wrap-error.js";
import type { Settings } from "./options.js";
import { validateValue } from "./standard-schema.js";
import { fullKey } from "./validate-key.js";

export interface GetOptions {
  /**
   * Largest age of the result, in seconds, at least 30. With `false` or 0 no cache is requested: Kvasir reads
   * a fresh value, and Workers KV uses its own default. @default the client's `cacheTtl`
   */
  readonly cacheTtl?: number | false | undefined;
}

export interface KVGetWithMetadataResult<T, Metadata = unknown> {
  readonly value: T | null;
  readonly metadata: Metadata | null;
  /** `HIT` or `MISS` if there is a cache in between. */
  readonly cacheStatus: string | null;
}

/** An entry as returned by the binding. */
export interface RawEntry {
  readonly value: unknown;
  readonly metadata: unknown;
  readonly cacheStatus?: string | null | undefined;
  readonly version?: number | null | undefined;
}

/** Returns a value, or `null`. */
export async function getValue(settings: Settings, key: string, options?: GetOptions): Promise<unknown> {
  const raw = await readRaw(settings, fullKey(settings.prefix, key), options);
  return raw === null ? null : decode(settings, key, raw);
}

/** Returns a value with its metadata. All members are `null` if there is no entry. */
export async function getWithMetadata(
  settings: Settings,
  key: string,
  options?: GetOptions & { readonly version?: boolean | undefined },
): Promise<KVGetWithMetadataResult<unknown> & { version?: number | null }> {
  const name = fullKey(settings.prefix, key);
  const version = options?.version === true;
  if (version) extended(settings.binding, "getWithMetadata({ version: true })");
  const query = { ...readOptions(settings, options), ...(version && { version }) };
  const context = { operation: "getWithMetadata", key: name, prefix: settings.prefix } as const;
  const entry: RawEntry = await guard(context, () => settings.binding.getWithMetadata(name, query as Text));
  const found = entry.value !== null && entry.value !== undefined;
  return {
    value: found ? await decode(settings, key, entry) : null,
    metadata: settings.codec.metadata(entry.metadata),
    cacheStatus: entry.cacheStatus ?? null,
    ...(version && { version: entry.version ?? null }),
  };
}

/**
 * Whether an entry exists, without reading its value. The original reads it completely, as text, and does
 * not convert the binding's errors.
 */
export async function exists(settings: Settings, key: string): Promise<boolean> {
  const name = fullKey(settings.prefix, key);
  const context = { operation: "exists", key: name, prefix: settings.prefix } as const;
  return guard(context, async () => {
    const body: { cancel?(): Promise<void> } | null = await settings.binding.get(name, { type: "stream" });
    // A test double may not support streams and return the text.
    await body?.cancel?.();
    return body !== null && body !== undefined;
  });
}

/** Reads an entry of the binding. Metadata is read only if decoding needs it. */
export async function readRaw(
  settings: Settings,
  name: string,
  options?: GetOptions,
  operation: KVOperation = "get",
): Promise<RawEntry | null> {
  const { binding, codec, prefix } = settings;
  const query = readOptions(settings, options);
  const entry = await guard<RawEntry>({ operation, key: name, prefix }, async () =>
    codec.needsMetadata
      ? binding.getWithMetadata(name, query)
      : { value: await binding.get(name, query), metadata: null },
  );
  return entry.value === null || entry.value === undefined ? null : entry;
}

/**
 * Decodes an entry to the caller's value.
 *
 * @throws KVSerializationError, KVValidationError
 */
export async function decode(settings: Settings, key: string, entry: RawEntry): Promise<unknown> {
  const { codec, schema } = settings;
  let value: unknown;
  try {
    value = await codec.decode(entry.value, entry.metadata);
  } catch (cause) {
    throw new KVSerializationError("deserialize", key, cause);
  }
  if (schema === undefined) return value;
  try {
    return await validateValue(schema, value, key);
  } catch (error) {
    // A text that another program wrote may be a string that only looks like a number. The schema decides.
    if (typeof value !== "number" || !codec.needsMetadata) throw error;
    return await validateValue(schema, entry.value, key);
  }
}

// The binding has one overload for each type, which cannot be selected at run time. This stands for all of
// them.
type Text = { readonly type: "text" };

/** The options for the binding's reads. */
export function readOptions({ codec, cacheTtl }: Settings, options?: GetOptions): Text {
  const seconds = options?.cacheTtl ?? cacheTtl;
  return { type: codec.type as "text", ...(seconds ? { cacheTtl: seconds } : undefined) };
}
