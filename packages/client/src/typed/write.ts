import type { KvCondition, KvWriteResult } from "../namespace/kv-namespace.js";
import { atMost } from "./at-most.js";
import { extended } from "./binding.js";
import { KVSerializationError } from "./errors/kv-errors.js";
import { guard, type KVOperation } from "./errors/wrap-error.js";
import { bindingExpiry, type KVExpiry } from "./expiry.js";
import { SINGLE_REQUESTS_MAX } from "./limits.js";
import type { Settings } from "./options.js";
import { validateValue } from "./standard-schema.js";
import { fullKey } from "./validate-key.js";

export interface KVPutOptions extends KVExpiry {
  /** Any JSON value, at most 1,024 bytes. */
  readonly metadata?: unknown;
}

/** One entry of `putMany`. */
export interface KVBatchPutEntry<T> {
  readonly key: string;
  readonly value: T;
  /** Each given option wins over the shared one. */
  readonly options?: KVPutOptions | undefined;
}

export async function put(
  settings: Settings,
  key: string,
  value: unknown,
  options: KVPutOptions & Partial<KvCondition> = {},
): Promise<KvWriteResult | undefined> {
  return putAs("put", settings, { key, value, options });
}

async function putAs(
  operation: KVOperation,
  settings: Settings,
  {
    key,
    value,
    options,
  }: {
    readonly key: string;
    readonly value: unknown;
    readonly options: KVPutOptions & Partial<KvCondition>;
  },
): Promise<KvWriteResult | undefined> {
  const { binding, prefix } = settings;
  const name = fullKey(prefix, key);
  const write = await encode(settings, key, value, options);
  const { ifAbsent, ifVersion } = options;
  const context = { operation, key: name, prefix };
  if (ifAbsent === undefined && ifVersion === undefined) {
    await guard(context, () => binding.put(name, write.value, write.options));
    return undefined;
  }
  const condition = { ifAbsent, ifVersion } as KvCondition;
  const kvasir = extended(binding, "put() with a condition");
  return guard(context, () => kvasir.put(name, write.value, { ...write.options, ...condition }));
}

/**
 * Puts all entries, some at a time. Keys and expiries are checked before the first put. Entries that
 * were put before a failure stay.
 */
export async function putMany(
  settings: Settings,
  entries: readonly KVBatchPutEntry<unknown>[],
  shared?: KVPutOptions,
): Promise<void> {
  for (const { key, options } of entries) {
    fullKey(settings.prefix, key);
    bindingExpiry({ ...shared, ...options }, settings);
  }
  await atMost(SINGLE_REQUESTS_MAX, entries, async ({ key, value, options }) => {
    await putAs("putMany", settings, { key, value, options: { ...shared, ...options } });
  });
}

export async function remove(
  settings: Settings,
  key: string,
  { ifVersion }: { readonly ifVersion?: number | undefined } = {},
): Promise<KvWriteResult | undefined> {
  const { binding, prefix } = settings;
  if (ifVersion === undefined) {
    await removeAs("delete", settings, key);
    return undefined;
  }
  const name = fullKey(prefix, key);
  const context = { operation: "delete", key: name, prefix } as const;
  const kvasir = extended(binding, "delete() with a condition");
  return guard(context, () => kvasir.delete(name, { ifVersion }));
}

export async function removeMany(settings: Settings, keys: readonly string[]): Promise<void> {
  for (const key of keys) fullKey(settings.prefix, key);
  await atMost(SINGLE_REQUESTS_MAX, keys, async (key) => {
    await removeAs("deleteMany", settings, key);
  });
}

async function removeAs(operation: KVOperation, { binding, prefix }: Settings, key: string): Promise<void> {
  const name = fullKey(prefix, key);
  await guard({ operation, key: name, prefix }, () => binding.delete(name));
}

/**
 * Converts a value and its options for the binding.
 *
 * @throws KVValidationError, KVSerializationError, ValidationError
 */
export async function encode(
  settings: Settings,
  key: string,
  value: unknown,
  options: KVPutOptions,
): Promise<{ value: string; options: BindingPutOptions }> {
  const { codec, schema, validateOnWrite } = settings;
  if (validateOnWrite && schema !== undefined) await validateValue(schema, value, key);
  const encoded = await codec.encode(value, options.metadata).catch((cause: unknown) => {
    throw new KVSerializationError("serialize", key, cause);
  });
  return {
    // May also be bytes or a stream. The binding accepts or rejects what the serializer returns.
    value: encoded.value as string,
    options: {
      ...bindingExpiry(options, settings),
      ...(encoded.metadata !== undefined && { metadata: encoded.metadata }),
    },
  };
}

interface BindingPutOptions {
  readonly expiration?: number;
  readonly expirationTtl?: number;
  readonly metadata?: unknown;
}
