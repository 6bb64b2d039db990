import { open } from "@kvasir/store";
import { fill, TITLE } from "../../load/fill.js";
import type { Engine, EngineOptions } from "./engine.js";

/** The code of a user of `@kvasir/store`. Every write is on disk when its promise resolves. */
export async function openEngine({ directory }: EngineOptions): Promise<Engine> {
  const database = open(directory);
  const kv = database.namespace(TITLE);
  return {
    fill: async (count) => void (await fill(database, { count })),
    async getEach(keys) {
      for (const key of keys) if ((await kv.get(key)) === null) throw new Error(`${key} is missing.`);
    },
    async getTogether(keys) {
      const found = await kv.get([...keys]);
      for (const value of found.values()) if (value === null) throw new Error("A key is missing.");
    },
    put: (key, value) => kv.put(key, value),
    async putTogether(keys, value) {
      const atomic = kv.atomic();
      for (const key of keys) atomic.put(key, value);
      await atomic.commit();
    },
    increment: (key) => kv.increment(key),
    listPage: async (start, limit) => (await kv.list({ start, limit })).keys.length,
    close: () => database.close(),
  };
}
