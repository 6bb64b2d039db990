import type { KVBinding } from "./binding.js";
import * as kvasir from "./extensions.js";
import { entries, keyEntries, listKeys } from "./list.js";
import {
  type KVOptions,
  type KVOptionsWithoutSchema,
  type KVOptionsWithSchema,
  settingsOf,
} from "./options.js";
import { exists, getValue, getWithMetadata } from "./read.js";
import { getMany } from "./read-many.js";
import type { StandardSchemaInput, StandardSchemaOutput, StandardSchemaV1 } from "./standard-schema.js";
import type { TypedKV } from "./typed-kv.js";
import { put, putMany, remove, removeMany } from "./write.js";

/**
 * A namespace with typed values: serialized, prefixed, validated, read in bulk. It is a superset of
 * `@workkit/kv` and works with any KVNamespace. Operations that only Kvasir supports reject with a
 * `ConfigError` on other bindings.
 *
 * The type of values is the type argument, or that of the schema.
 *
 * @throws BindingNotFoundError if there is no binding, ConfigError if it is not a KVNamespace
 * @example
 * const users = kv<User>(env.USERS, { prefix: "user:", defaultTtl: 3600 });
 * await users.put("alice", { name: "Alice" });
 * const alice = await users.get("alice"); // User | null
 *
 * @example
 * const flags = kv(env.FLAGS, { schema: z.object({ enabled: z.boolean() }) });
 * for await (const { key, value } of flags.list()) console.log(key, value?.enabled);
 */
export function kv<T = unknown>(binding: KVBinding, options?: KVOptionsWithoutSchema<T>): TypedKV<T>;
export function kv<Schema extends StandardSchemaV1>(
  binding: KVBinding,
  options: KVOptionsWithSchema<Schema>,
): TypedKV<StandardSchemaOutput<Schema>, StandardSchemaInput<Schema>>;
export function kv<T>(binding: KVBinding, options: KVOptions<T>): TypedKV<T>;
export function kv(binding: KVBinding, options: KVOptions<unknown> = {}): TypedKV<unknown> {
  const settings = settingsOf(binding, options);
  const client = {
    raw: settings.binding,
    get: bound(settings, getValue),
    getWithMetadata: bound(settings, getWithMetadata),
    exists: bound(settings, exists),
    has: bound(settings, exists),
    put: bound(settings, put),
    delete: bound(settings, remove),
    getMany: bound(settings, getMany),
    putMany: bound(settings, putMany),
    deleteMany: bound(settings, removeMany),
    batchGet: bound(settings, getMany),
    batchPut: bound(settings, putMany),
    batchDelete: bound(settings, removeMany),
    list: again(bound(settings, entries)),
    keys: again(bound(settings, keyEntries)),
    listKeys: bound(settings, listKeys),
    increment: bound(settings, kvasir.increment),
    touch: bound(settings, kvasir.touch),
    count: bound(settings, kvasir.count),
    deletePrefix: bound(settings, kvasir.deletePrefix),
    position: bound(settings, kvasir.position),
    watch: bound(settings, kvasir.watch),
    atomic: bound(settings, kvasir.atomic),
  };
  // Each family of overloads has one implementation. The interface declares all overloads.
  return client as TypedKV<unknown>;
}

/** Binds an operation to these settings. */
function bound<Settings, Args extends unknown[], Result>(
  settings: Settings,
  operation: (settings: Settings, ...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => operation(settings, ...args);
}

/** An iterable that starts again with each loop. Leaving a loop early ends its generator. */
function again<Args extends unknown[], Item>(
  begin: (...args: Args) => AsyncIterator<Item>,
): (...args: Args) => AsyncIterable<Item> {
  return (...args) => ({ [Symbol.asyncIterator]: () => begin(...args) });
}
