import { join } from "node:path";
import { openKv } from "@deno/kv";
import { PAIRS_OF_A_FILL } from "../../core/limits.js";
import { keyName, smallValue } from "../../load/keys.js";
import type { Engine, EngineOptions } from "./engine.js";

const PREFIX = "bench";
/** The most keys that one `getMany` accepts. */
const GET_MANY_KEYS_MAX = 10;

/** Deno KV on a file of its own, which is SQLite. It flushes before a write's promise resolves. */
export async function openEngine({ directory }: EngineOptions): Promise<Engine> {
  const kv = await openKv(join(directory, "deno.sqlite"));
  const putAll = async (pairs: Iterable<readonly [string, string]>) => {
    const atomic = kv.atomic();
    for (const [key, value] of pairs) atomic.set([PREFIX, key], value);
    if (!(await atomic.commit()).ok) throw new Error("Deno KV refused a commit.");
  };
  return {
    async fill(count) {
      for (let start = 0; start < count; start += PAIRS_OF_A_FILL) {
        const indexes = Array.from({ length: Math.min(PAIRS_OF_A_FILL, count - start) }, (_, i) => start + i);
        await putAll(indexes.map((index) => [keyName(index), smallValue(index)] as const));
      }
    },
    async getEach(keys) {
      for (const key of keys) {
        if ((await kv.get([PREFIX, key])).value === null) throw new Error(`${key} is missing.`);
      }
    },
    async getTogether(keys) {
      const calls: Promise<unknown>[] = [];
      for (let start = 0; start < keys.length; start += GET_MANY_KEYS_MAX) {
        calls.push(kv.getMany(keys.slice(start, start + GET_MANY_KEYS_MAX).map((key) => [PREFIX, key])));
      }
      await Promise.all(calls);
    },
    put: (key, value) => kv.set([PREFIX, key], value),
    putTogether: (keys, value) => putAll(keys.map((key) => [key, value] as const)),
    increment: (key) => kv.atomic().sum(["counters", key], 1n).commit(),
    async listPage(start, limit) {
      const page = kv.list({ prefix: [PREFIX], start: [PREFIX, start] }, { limit, batchSize: 500 });
      let length = 0;
      for await (const _entry of page) length++;
      return length;
    },
    close: async () => kv.close(),
  };
}
