import { createClient } from "redis";
import { PAIRS_OF_A_FILL } from "../../core/limits.js";
import { keyName, smallValue } from "../../load/keys.js";
import type { Engine, EngineOptions } from "./engine.js";

/**
 * The usual client, over loopback, to a Redis that flushes before it responds. Concurrent calls share a round
 * trip.
 */
export async function openEngine({ url = "" }: EngineOptions): Promise<Engine> {
  const client = createClient({ url });
  await client.connect();
  return {
    async fill(count) {
      for (let start = 0; start < count; start += PAIRS_OF_A_FILL) {
        const indexes = Array.from({ length: Math.min(PAIRS_OF_A_FILL, count - start) }, (_, i) => start + i);
        await client.mSet(indexes.map((index): [string, string] => [keyName(index), smallValue(index)]));
      }
    },
    async getEach(keys) {
      for (const key of keys) if ((await client.get(key)) === null) throw new Error(`${key} is missing.`);
    },
    async getTogether(keys) {
      if ((await client.mGet([...keys])).includes(null)) throw new Error("A key is missing.");
    },
    put: (key, value) => client.set(key, value),
    putTogether: (keys, value) => client.mSet(keys.map((key): [string, string] => [key, value])),
    increment: (key) => client.incr(key),
    close: () => client.close(),
  };
}
