// A process that hammers the recipes of TypeScript. hammer.py and go/main.go do the same in their languages: each line of
// input is a job, each line of output its result.
import { createInterface } from "node:readline";
import { connect } from "@kvasir/client";
import { cache, flags, lock, rateLimit, sessions } from "@kvasir/client/recipes";

const { url, namespace, token } = JSON.parse(process.argv[2]);
const kv = connect({ url, namespace, token });
const clock = { nowMs: () => 1_700_049_600_000 };

const all = (clients, work) => Promise.all(Array.from({ length: clients }, work));

const tasks = {
  /** Returns how many checks were allowed. */
  async limit({ clients, times, algorithm, limit }) {
    const limiter = rateLimit(kv, { limit, windowSeconds: 3600, algorithm, clock, onStoreError: "throw" });
    let allowed = 0;
    await all(clients, async () => {
      for (let time = 0; time < times; time++) if ((await limiter.check("everybody")).allowed) allowed++;
    });
    return allowed;
  },
  /** Reads, changes and writes without a condition, which is correct only under a lock. Returns the overlaps. */
  async lock({ clients, times }) {
    const locks = lock(kv);
    let overlaps = 0;
    const enter = async (lease) => {
      const entered = await kv.put("inside", "node", { ifAbsent: true });
      const tokens = JSON.parse((await kv.get("tokens")) ?? "[]");
      await kv.put("tokens", JSON.stringify([...tokens, lease.fencingToken]));
      await kv.delete("inside");
      if (!entered.ok) overlaps++;
    };
    await all(clients, async () => {
      for (let time = 0; time < times; time++) await locks.withLock("critical", enter, { waitMs: 60_000 });
    });
    return overlaps;
  },
  async session({ id, clients, times }) {
    const store = sessions(kv);
    await all(clients, async () => {
      for (let time = 0; time < times; time++)
        await store.update(id, (data) => ({ ...data, count: data.count + 1 }));
    });
    return (await store.get(id)).data.count;
  },
  /** Returns the values that its callers got. */
  async cache({ clients }) {
    const values = cache(kv);
    const compute = async () => `node ${await kv.increment("computed")}`;
    return all(clients, () => values.getOrSet("slow", compute));
  },
  async flags({ ids }) {
    const set = await flags(kv).load(["new"]);
    return Array.from({ length: ids }, (_, at) => {
      const { enabled, variant, reason, rule } = set.evaluate("new", { id: `user-${at}`, age: at % 30 });
      return [enabled, variant ?? "", reason, rule ?? 0];
    });
  },
};

process.stdout.write("\n");
for await (const line of createInterface({ input: process.stdin })) {
  const { task, ...job } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await tasks[task](job))}\n`);
}
