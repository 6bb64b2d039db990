import { open } from "lmdb";
import { keyName, smallValue } from "../../load/keys.js";
import type { Engine, EngineOptions } from "./engine.js";

/**
 * The least that LMDB can do in Node: bytes under a text key, read synchronously, without version or expiry.
 */
export async function openEngine({ directory }: EngineOptions): Promise<Engine> {
  const database = open<Uint8Array, string>({ path: directory, encoding: "binary" });
  const counters = database.openDB<number, string>({ name: "counters", encoding: "ordered-binary" });
  return {
    async fill(count) {
      for (let start = 0; start < count; start += 100_000) {
        await database.transaction(() => {
          for (let index = start; index < Math.min(count, start + 100_000); index++) {
            void database.put(keyName(index), Buffer.from(smallValue(index)));
          }
        });
      }
      await database.flushed;
    },
    async getEach(keys) {
      for (const key of keys)
        if (database.getBinary(key) === undefined) throw new Error(`${key} is missing.`);
    },
    async getTogether(keys) {
      const values = keys.map((key) => database.getBinary(key));
      if (values.includes(undefined)) throw new Error("A key is missing.");
    },
    // `put` resolves when the change is visible, `flushed` when everything visible at the call is on disk.
    async put(key, value) {
      await database.put(key, Buffer.from(value));
      await database.flushed;
    },
    async putTogether(keys, value) {
      await database.transaction(() => {
        for (const key of keys) void database.put(key, Buffer.from(value));
      });
      await database.flushed;
    },
    async increment(key) {
      await counters.transaction(() => void counters.put(key, (counters.get(key) ?? 0) + 1));
      await counters.flushed;
    },
    listPage: async (start, limit) => Array.from(database.getKeys({ start, limit })).length,
    close: () => database.close(),
  };
}
