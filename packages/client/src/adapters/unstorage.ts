import { KvError } from "../namespace/errors.js";
import { BULK_GET_KEYS_MAX } from "../namespace/limits.js";
import { recipeBinding } from "../recipes/shared/binding.js";
import type { OptionNames } from "../recipes/shared/option-names.js";
import {
  RECIPE_OPTION_NAMES,
  type RecipeOptions,
  surroundings,
  wholeNumber,
} from "../recipes/shared/options.js";
import { storeTtl } from "../recipes/shared/store-ttl.js";
import type { KVBinding } from "../typed/binding.js";

export interface KvasirDriverOptions extends RecipeOptions {
  /** A namespace: `env.MY_KV`, `connect()`, or `open().namespace()`. */
  readonly binding: KVBinding;
  /** Begins every key. @default "" */
  readonly base?: string | undefined;
  /** How long items are kept that do not say it themselves, in seconds. @default without an end */
  readonly ttl?: number | undefined;
}

interface ItemOptions {
  /** In seconds. */
  readonly ttl?: number | undefined;
}

/** The `Driver` of `unstorage`. */
export interface KvasirDriver {
  readonly name: "kvasir";
  readonly options: KvasirDriverOptions;
  readonly flags: { readonly maxDepth: false; readonly ttl: true };
  getInstance(): KVBinding;
  hasItem(key: string): Promise<boolean>;
  getItem(key: string): Promise<string | null>;
  getItems(items: readonly { readonly key: string }[]): Promise<{ key: string; value: string | null }[]>;
  getItemRaw(key: string, options?: { readonly type?: string }): Promise<unknown>;
  setItem(key: string, value: string, options?: ItemOptions): Promise<void>;
  setItemRaw(key: string, value: unknown, options?: ItemOptions): Promise<void>;
  removeItem(key: string): Promise<void>;
  getKeys(base?: string): Promise<string[]>;
  clear(base?: string): Promise<void>;
  watch(callback: (event: "update" | "remove", key: string) => unknown): Promise<() => Promise<void>>;
  dispose(): Promise<void>;
}

const OPTION_NAMES: OptionNames<KvasirDriverOptions> = {
  ...RECIPE_OPTION_NAMES,
  binding: true,
  base: true,
  ttl: true,
};

/**
 * A driver for `unstorage`. Items are plain entries: other programs read and write them under `base` and the key. One
 * request for each item, one for each 100 of `getItems`, one for each 1,000 keys.
 *
 * `watch` needs Kvasir's namespaces. While the store is away, calls reject with `unavailable` within `timeoutMs`.
 *
 * @throws KvError `option_invalid`, `atomics_required`
 * @example
 * const storage = createStorage({ driver: kvasirDriver({ binding: env.DATA, base: "app" }) });
 */
export function kvasirDriver(options: KvasirDriverOptions): KvasirDriver {
  const { binding, base = "" } = options;
  const { kv, atomic } = recipeBinding(binding, { name: "kvasirDriver", options, optionNames: OPTION_NAMES });
  surroundings({ ...options, prefix: base }, "");
  const ttl = options.ttl === undefined ? undefined : wholeNumber("ttl", options.ttl, { min: 1 });
  const prefix = base === "" || base.endsWith(":") ? base : `${base}:`;
  const watching = new AbortController();
  const expiry = (item: ItemOptions = {}) => {
    const seconds = item.ttl ?? ttl;
    return seconds === undefined ? {} : { expirationTtl: storeTtl(seconds) };
  };

  async function getKeys(under = ""): Promise<string[]> {
    const keys: string[] = [];
    for (let cursor: string | undefined, complete = false; !complete; ) {
      const page = await kv.list({ prefix: prefix + under, cursor });
      for (const { name } of page.keys) keys.push(name.slice(prefix.length));
      complete = page.list_complete;
      cursor = page.list_complete ? undefined : page.cursor;
    }
    return keys;
  }

  return {
    name: "kvasir",
    options,
    flags: { maxDepth: false, ttl: true },
    getInstance: () => binding,
    async hasItem(key) {
      // A list of one key reads no value, however large it is.
      const { keys } = await kv.list({ prefix: prefix + key, limit: 1 });
      return keys[0]?.name === prefix + key;
    },
    getItem: (key) => kv.get(prefix + key),
    async getItems(items) {
      const values = new Map<string, string | null>();
      const keys = [...new Set(items.map(({ key }) => prefix + key))];
      for (let at = 0; at < keys.length; at += BULK_GET_KEYS_MAX) {
        const part = await kv.get(keys.slice(at, at + BULK_GET_KEYS_MAX));
        for (const [key, value] of part) values.set(key, value);
      }
      return items.map(({ key }) => ({ key, value: values.get(prefix + key) ?? null }));
    },
    async getItemRaw(key, { type } = {}) {
      const bytes = await kv.get(prefix + key, "arrayBuffer");
      return bytes === null || type === "arrayBuffer" ? bytes : new Uint8Array(bytes);
    },
    setItem: async (key, value, item) => void (await kv.put(prefix + key, value, expiry(item))),
    setItemRaw: async (key, value, item) =>
      void (await kv.put(prefix + key, value as ArrayBuffer, expiry(item))),
    removeItem: async (key) => void (await kv.delete(prefix + key)),
    getKeys,
    async clear(under = "") {
      if (atomic !== undefined && prefix + under !== "") {
        await atomic.deletePrefix(prefix + under);
        return;
      }
      for (const key of await getKeys(under)) await kv.delete(prefix + key);
    },
    async watch(callback) {
      if (atomic === undefined) {
        throw new KvError(
          "atomics_required",
          "watch() of the unstorage driver needs a namespace of Kvasir.",
          {
            hint: "A plain Workers KV binding does not tell changes. Use connect() or open() of @kvasir/store.",
          },
        );
      }
      const own = new AbortController();
      const signal = AbortSignal.any([own.signal, watching.signal]);
      const since = await atomic.position();
      const ended = follow(atomic.watch({ prefix, since, signal }), ({ key, type }) =>
        callback(type === "put" ? "update" : "remove", key.slice(prefix.length)),
      );
      return async () => {
        own.abort();
        await ended;
      };
    },
    dispose: async () => watching.abort(),
  };
}

async function follow<Change>(
  changes: AsyncIterable<Change>,
  tell: (change: Change) => unknown,
): Promise<void> {
  try {
    for await (const change of changes) tell(change);
  } catch {
    // The watch was ended, or the store no longer has the changes since. unstorage has no way to be told.
  }
}
