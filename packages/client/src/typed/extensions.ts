import type { KvChange, KvCommitResult, KvWatchOptions, KvWriteResult } from "../namespace/kv-namespace.js";
import { extended } from "./binding.js";
import { guard, wrapped } from "./errors/wrap-error.js";
import { bindingExpiry, type KVExpiry } from "./expiry.js";
import type { Settings } from "./options.js";
import { prefixKey, stripPrefix } from "./prefix.js";
import { fullKey } from "./validate-key.js";
import { encode, type KVPutOptions } from "./write.js";

/** Several changes through a typed client, of which all or none are made. */
export interface KVAtomic<T> {
  /** Makes the commit fail unless `key` has this `version` (`null`: does not exist). */
  check(key: string, version: number | null): KVAtomic<T>;
  put(key: string, value: T, options?: KVPutOptions): KVAtomic<T>;
  delete(key: string): KVAtomic<T>;
  increment(key: string, by?: number, options?: Pick<KVExpiry, "ttl">): KVAtomic<T>;
  /** `ok: false` means that a check failed and nothing changed. Rejects if a step is invalid. */
  commit(): Promise<KvCommitResult>;
}

export async function increment(
  settings: Settings,
  key: string,
  by = 1,
  options: Pick<KVExpiry, "ttl"> = {},
): Promise<number> {
  const kvasir = extended(settings.binding, "increment()");
  const name = fullKey(settings.prefix, key);
  const expiry = bindingExpiry(options, settings);
  return guard(about(settings, "increment", name), () => kvasir.increment(name, by, expiry));
}

export async function touch(settings: Settings, key: string, options: KVExpiry = {}): Promise<KvWriteResult> {
  const kvasir = extended(settings.binding, "touch()");
  const name = fullKey(settings.prefix, key);
  const expiry = bindingExpiry(options, settings);
  return guard(about(settings, "touch", name), () => kvasir.touch(name, expiry));
}

export async function count(settings: Settings, options: { readonly prefix?: string } = {}): Promise<number> {
  const kvasir = extended(settings.binding, "count()");
  const prefix = prefixKey(settings.prefix, options.prefix ?? "");
  return guard(about(settings, "count"), () => kvasir.count({ prefix }));
}

export async function deletePrefix(
  settings: Settings,
  prefix: string,
  options?: { readonly dryRun?: boolean; readonly all?: boolean },
): Promise<number> {
  const kvasir = extended(settings.binding, "deletePrefix()");
  const whole = prefixKey(settings.prefix, prefix);
  return guard(about(settings, "deletePrefix"), () => kvasir.deletePrefix(whole, options));
}

export async function position(settings: Settings): Promise<string> {
  const kvasir = extended(settings.binding, "position()");
  return guard(about(settings, "position"), () => kvasir.position());
}

/**
 * Calls the binding now instead of at the loop's first step. An embedded namespace
 * then misses no change in between.
 */
export function watch(settings: Settings, options: KvWatchOptions = {}): AsyncIterable<KvChange> {
  const kvasir = extended(settings.binding, "watch()");
  const prefix = prefixKey(settings.prefix, options.prefix ?? "");
  return bareChanges(settings, kvasir.watch({ ...options, prefix }));
}

async function* bareChanges(
  settings: Settings,
  changes: AsyncIterable<KvChange>,
): AsyncGenerator<KvChange, void> {
  try {
    for await (const change of changes) yield { ...change, key: stripPrefix(settings.prefix, change.key) };
  } catch (error) {
    throw wrapped(error, about(settings, "watch"));
  }
}

export function atomic<T>(settings: Settings): KVAtomic<T> {
  const kvasir = extended(settings.binding, "atomic()");
  // Steps are kept until `commit`, because serializers and schemas may be asynchronous.
  const steps: ((batch: ReturnType<typeof kvasir.atomic>) => unknown)[] = [];
  const add = (step: (typeof steps)[number]) => {
    steps.push(step);
    return builder;
  };
  const { prefix } = settings;
  const builder: KVAtomic<T> = {
    check: (key, version) => add((batch) => batch.check(fullKey(prefix, key), version)),
    delete: (key) => add((batch) => batch.delete(fullKey(prefix, key))),
    increment: (key, by, options = {}) =>
      add((batch) => batch.increment(fullKey(prefix, key), by, bindingExpiry(options, settings))),
    put: (key, value, options = {}) =>
      add(async (batch) => {
        const name = fullKey(prefix, key);
        const write = await encode(settings, key, value, options);
        batch.put(name, write.value, write.options);
      }),
    commit: () =>
      guard(about(settings, "atomic"), async () => {
        const batch = kvasir.atomic();
        for (const step of steps) await step(batch);
        return batch.commit();
      }),
  };
  return builder;
}

function about({ prefix }: Settings, operation: Parameters<typeof wrapped>[1]["operation"], key?: string) {
  return { operation, prefix, key };
}
