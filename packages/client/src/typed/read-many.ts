import { BULK_GET_KEYS_MAX } from "../namespace/limits.js";
import { atMost, chunks } from "./at-most.js";
import { type KVOperation, wrapped } from "./errors/wrap-error.js";
import { BULK_READS_MAX, SINGLE_REQUESTS_MAX } from "./limits.js";
import type { Settings } from "./options.js";
import { decode, type GetOptions, type RawEntry, readOptions, readRaw } from "./read.js";
import { fullKey } from "./validate-key.js";

/**
 * Returns the existing values by key, in the order of `keys`.
 *
 * One request for each hundred keys. The original sends one for each key and ignores `options`.
 */
export async function getMany(
  settings: Settings,
  keys: readonly string[],
  options?: GetOptions,
): Promise<Map<string, unknown>> {
  const names = new Map(keys.map((key) => [key, fullKey(settings.prefix, key)]));
  const entries = await readEntries(settings, [...names.values()], options, "getMany");
  const values = new Map<string, unknown>();
  for (const [key, name] of names) {
    const entry = entries.get(name);
    if (entry !== undefined) values.set(key, await decode(settings, key, entry));
  }
  return values;
}

/** Returns the existing entries by their complete keys. */
export async function readEntries(
  settings: Settings,
  names: readonly string[],
  options: GetOptions | undefined,
  operation: KVOperation,
): Promise<Map<string, RawEntry>> {
  const entries = new Map<string, RawEntry>();
  let rest = names;
  if (settings.codec.type === "text" && names.length > 1) {
    const unread: string[] = [];
    await atMost(BULK_READS_MAX, chunks(names, BULK_GET_KEYS_MAX), async (chunk) => {
      unread.push(...(await readBulk(settings, chunk, { options, operation, entries })));
    });
    rest = unread;
  }
  await atMost(SINGLE_REQUESTS_MAX, rest, async (name) => {
    const entry = await readRaw(settings, name, options, operation);
    if (entry !== null) entries.set(name, entry);
  });
  return entries;
}

/**
 * Reads `names` in one request into `entries`. Returns the names that must be read separately: all of them if
 * the binding has no bulk reads or rejects this one (for example because of 25 MiB), and names that look like
 * integers, which Cloudflare's runtime drops from its response.
 */
async function readBulk(
  settings: Settings,
  names: string[],
  into: {
    readonly options: GetOptions | undefined;
    readonly operation: KVOperation;
    readonly entries: Map<string, RawEntry>;
  },
): Promise<readonly string[]> {
  const { binding, codec, prefix } = settings;
  const query = readOptions(settings, into.options);
  let answer: unknown;
  try {
    answer = codec.needsMetadata
      ? await binding.getWithMetadata(names, query)
      : await binding.get(names, query);
  } catch (error) {
    const failure = wrapped(error, { operation: into.operation, prefix });
    if (failure.retryable) throw failure;
    return names;
  }
  if (!(answer instanceof Map)) return names;
  return names.filter((name) => {
    const found: unknown = answer.get(name);
    if (found !== null && found !== undefined) {
      into.entries.set(name, codec.needsMetadata ? (found as RawEntry) : { value: found, metadata: null });
    }
    return found === undefined;
  });
}
