import { extended } from "./binding.js";
import { KVSerializationError } from "./errors/kv-errors.js";
import { guard, type KVOperation } from "./errors/wrap-error.js";
import type { Settings } from "./options.js";
import { validateValue } from "./standard-schema.js";
import { fullKey } from "./validate-key.js";

export interface GetOptions {
  /**
   * How old the answer may be, in seconds, at least 30. `false` or 0: nothing is asked of a cache, so that Kvasir
   * reads afresh and Workers KV does as it does by default. @default the client's `cacheTtl`
   */
  readonly cacheTtl?: number | false | undefined;
}

export interface KVGetWithMetadataResult<T, Metadata = unknown> {
  readonly value: T | null;
  readonly metadata: Metadata | null;
  /** `HIT` or `MISS` where a cache is in between. */
  readonly cacheStatus: string | null;
}

/** An entry as the binding answers it. */
export interface RawEntry {
  readonly value: unknown;
  readonly metadata: unknown;
  readonly cacheStatus?: string | null | undefined;
  readonly version?: number | null | undefined;
}

/** One value, or `null`. */
export async function getValue(settings: Settings, key: string, options?: GetOptions): Promise<unknown> {
  const raw = await readRaw(settings, fullKey(settings.prefix, key), options);
  return raw === null ? null : decode(settings, key, raw);
}

/** One value with what belongs to it; all `null` when there is no entry. */
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
 * Whether there is an entry, its value unread. The original reads it all, as text, and lets the binding's errors
 * through as they are.
 */
export async function exists(settings: Settings, key: string): Promise<boolean> {
  const name = fullKey(settings.prefix, key);
  const context = { operation: "exists", key: name, prefix: settings.prefix } as const;
  return guard(context, async () => {
    const body: { cancel?(): Promise<void> } | null = await settings.binding.get(name, { type: "stream" });
    // A test double may know no streams and answer with the text.
    await body?.cancel?.();
    return body !== null && body !== undefined;
  });
}

/** An entry of the binding, its metadata only where decoding needs it. */
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
 * The caller's value of an entry.
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
    // Text that something else wrote may be a string that only looks like a number: the schema knows.
    if (typeof value !== "number" || !codec.needsMetadata) throw error;
    return await validateValue(schema, entry.value, key);
  }
}

// One overload's option for all: the binding has one for each type, which cannot be chosen from at run time.
type Text = { readonly type: "text" };

/** The binding's options of a read. */
export function readOptions({ codec, cacheTtl }: Settings, options?: GetOptions): Text {
  const seconds = options?.cacheTtl ?? cacheTtl;
  return { type: codec.type as "text", ...(seconds ? { cacheTtl: seconds } : undefined) };
}
