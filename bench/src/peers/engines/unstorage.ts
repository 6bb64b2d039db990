import { createStorage } from "unstorage";
import fsDriver from "unstorage/drivers/fs";
import { PAIRS_OF_A_FILL } from "../../core/limits.js";
import { keyName, smallValue } from "../../load/keys.js";
import type { Engine, EngineOptions } from "./engine.js";

/** One file per key. Nothing is flushed. */
export async function openEngine({ directory }: EngineOptions): Promise<Engine> {
  const storage = createStorage<string>({ driver: fsDriver({ base: directory }) });
  return {
    async fill(count) {
      for (let start = 0; start < count; start += PAIRS_OF_A_FILL) {
        const indexes = Array.from({ length: Math.min(PAIRS_OF_A_FILL, count - start) }, (_, i) => start + i);
        await Promise.all(indexes.map((index) => storage.setItem(keyName(index), smallValue(index))));
      }
    },
    async getEach(keys) {
      for (const key of keys)
        if ((await storage.getItem(key)) === null) throw new Error(`${key} is missing.`);
    },
    async getTogether(keys) {
      const found = await storage.getItems([...keys]);
      if (found.some(({ value }) => value === null)) throw new Error("A key is missing.");
    },
    put: (key, value) => storage.setItem(key, value),
    close: () => storage.dispose(),
  };
}
