import { type Mutation, open } from "@kvasir/store";
import { TITLE } from "../../load/fill.js";
import type { ClusterContestant, ClusterOptions } from "./contestant.js";

/** The code of a user of `@kvasir/store` on a cluster. */
export async function openContestant({ locator }: ClusterOptions): Promise<ClusterContestant> {
  const database = open(locator);
  const { namespaces, entries } = database.store;
  const { id } = (await namespaces.find(TITLE)) ?? (await database.catalog.create(TITLE));
  const kv = database.namespaceById(id);
  let stopped = new AbortController();
  let following = Promise.resolve();
  const stopWatching = async () => {
    stopped.abort();
    await following;
  };
  return {
    get: (key) => kv.get(key),
    put: (key, value) => kv.put(key, value),
    putTogether: (keys, value) =>
      entries.writeMany(
        id,
        keys.map(
          (key): Mutation => ({
            type: "put",
            key,
            value: Buffer.from(value),
            expirationMs: null,
            metadata: null,
            contentType: null,
          }),
        ),
      ),
    increment: (key) => kv.increment(key),
    listPage: async (start, limit) => (await kv.list({ start, limit })).keys.length,
    index: async () => {},
    async watch(onChange) {
      await stopWatching();
      stopped = new AbortController();
      const { signal } = stopped;
      const since = await database.store.changes.position(id);
      const follow = async () => {
        const query = { namespace: id, since, signal };
        for await (const { key } of database.store.changes.watch(query)) onChange(key);
      };
      following = follow();
    },
    announce: (key, value) => kv.put(key, value),
    async close() {
      await stopWatching();
      await database.close();
    },
  };
}
