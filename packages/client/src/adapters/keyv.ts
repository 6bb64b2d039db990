import { BULK_GET_KEYS_MAX } from "../namespace/limits.js";
import { recipeBinding } from "../recipes/shared/binding.js";
import { RECIPE_OPTION_NAMES, type RecipeOptions, surroundings } from "../recipes/shared/options.js";
import { storeTtl } from "../recipes/shared/store-ttl.js";
import type { KVBinding } from "../typed/binding.js";

export interface KeyvStoreOptions extends RecipeOptions {
  /** @default "" */
  readonly prefix?: string | undefined;
}

/** What Keyv asks of a store. */
export interface KeyvStore {
  /** Set by Keyv. Keys of another namespace are not seen by `clear` and `iterator`. */
  namespace?: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: Keyv's own type of a store's options
  readonly opts: any;
  // biome-ignore lint/suspicious/noExplicitAny: Keyv decides what a stored value is
  get(key: string): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  getMany(keys: string[]): Promise<any[]>;
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  deleteMany(keys: string[]): Promise<boolean>;
  has(key: string): Promise<boolean>;
  clear(): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  iterator(namespace?: string): AsyncGenerator<any, void>;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of Node's event emitters
  on(event: string, listener: (...args: any[]) => void): KeyvStore;
  disconnect(): Promise<void>;
}

/**
 * A store for Keyv. Values are the texts that Keyv's serializer makes. One request to read or write, one for each 100
 * of `getMany`, one for each 1,000 keys of `clear`.
 *
 * Keyv itself checks when a value has expired; the store removes it by then or up to a minute later. While the store is
 * away, calls reject with `unavailable` within `timeoutMs`, and Keyv emits `error`.
 *
 * @throws KvError `option_invalid`, `atomics_required`
 * @example
 * const keyv = new Keyv({ store: keyvStore(kv), namespace: "users" });
 */
export function keyvStore(kv: KVBinding, options: KeyvStoreOptions = {}): KeyvStore {
  const binding = recipeBinding(kv, { name: "keyvStore", options, optionNames: RECIPE_OPTION_NAMES });
  const { kv: namespace, atomic } = binding;
  const { prefix } = surroundings(options, "");

  /** Pages of keys, in order, of one of Keyv's namespaces or of all. */
  async function* pages(of: string | undefined): AsyncGenerator<string[], void> {
    for (let cursor: string | undefined, complete = false; !complete; ) {
      const under = of === undefined ? prefix : `${prefix}${of}:`;
      const page = await namespace.list({ prefix: under, cursor });
      yield page.keys.map(({ name }) => name);
      complete = page.list_complete;
      cursor = page.list_complete ? undefined : page.cursor;
    }
  }

  async function textsOf(keys: readonly string[]): Promise<Map<string, string | null>> {
    const texts = new Map<string, string | null>();
    for (let at = 0; at < keys.length; at += BULK_GET_KEYS_MAX) {
      const part = await namespace.get(keys.slice(at, at + BULK_GET_KEYS_MAX));
      for (const [key, text] of part) texts.set(key, text);
    }
    return texts;
  }

  const store: KeyvStore = {
    namespace: undefined,
    // Keyv iterates only stores of dialects that it knows.
    opts: { url: "kvasir:", dialect: "redis" },
    get: async (key) => (await namespace.get(prefix + key)) ?? undefined,
    async getMany(keys) {
      const texts = await textsOf([...new Set(keys.map((key) => prefix + key))]);
      return keys.map((key) => texts.get(prefix + key) ?? undefined);
    },
    async set(key, value, ttl) {
      // Keyv passes `undefined` for a value that its serializer has dropped.
      if (value === undefined) return false;
      const expiry = ttl === undefined || ttl <= 0 ? {} : { expirationTtl: storeTtl(ttl / 1000) };
      await namespace.put(prefix + key, value as string, expiry);
      return true;
    },
    async delete(key) {
      const existed = (await namespace.get(prefix + key)) !== null;
      if (existed) await namespace.delete(prefix + key);
      return existed;
    },
    async deleteMany(keys) {
      const deleted = await Promise.all(keys.map((key) => store.delete(key)));
      return deleted.some((existed) => existed);
    },
    has: async (key) => (await namespace.get(prefix + key)) !== null,
    async clear() {
      const of = store.namespace;
      if (atomic !== undefined && (of !== undefined || prefix !== "")) {
        await atomic.deletePrefix(of === undefined ? prefix : `${prefix}${of}:`);
        return;
      }
      for await (const names of pages(of)) for (const name of names) await namespace.delete(name);
    },
    async *iterator(of) {
      for await (const names of pages(of)) {
        for (const [name, text] of await textsOf(names)) {
          if (text !== null) yield [name.slice(prefix.length), text];
        }
      }
    },
    // Errors are the rejections of the methods: there is no connection that could fail between them.
    on: () => store,
    disconnect: async () => {},
  };
  return store;
}
