import type { KVNamespace, KvAtomic } from "@kvasir/client";
import { type Cache, cache } from "@kvasir/client/recipes";
import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Random } from "../harness/random.js";

/**
 * The rule that every interleaving must keep: a call that begins after a delete or an invalidation has
 * finished never gets a value computed from older data. It does not matter who computed the value, how
 * slowly, or whether the computation outlived its lease. A seed makes the same calls again, but their
 * interleaving also depends on the machine.
 */

const SEEDS = process.env["KVASIR_SEED"]
  ? [Number(process.env["KVASIR_SEED"])]
  : Array.from({ length: 40 }, (_, at) => at + 1);
const STEPS = 300;
const PROCESSES = 3;
const CALLS_AT_ONCE_MAX = 30;

let database: ReturnType<typeof open>;
let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
  database = open(":memory:", { clock, durability: "relaxed" });
});
afterEach(() => database.close());

test.each(SEEDS)("seed %i: nothing from before an invalidation", async (seed) => {
  const random = new Random(seed);
  const pause = async () => {
    for (let turns = random.below(6); turns > 0; turns--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const kv = delayed(database.namespace("cache"), pause);
  const processes = Array.from({ length: PROCESSES }, () =>
    cache(kv, {
      ttlSeconds: 5,
      staleSeconds: 5,
      leaseSeconds: 1,
      tags: ["all"],
      clock,
      random: () => random.next(),
      sleep: pause,
    }),
  );

  /** The data that values are computed from, and how much of it has been announced. */
  let source = 0;
  let announced = 0;

  async function change(values: Cache): Promise<void> {
    const changed = ++source;
    await (random.chance(0.5) ? values.delete("key") : values.invalidateTag("all"));
    announced = Math.max(announced, changed);
  }

  async function ask(values: Cache): Promise<void> {
    const known = announced;
    const value = await values.getOrSet("key", async () => {
      const read = source;
      await pause();
      await pause();
      return read;
    });
    expect(value, `seed ${seed} (KVASIR_SEED=${seed})`).toBeGreaterThanOrEqual(known);
  }

  const underWay = new Set<Promise<void>>();
  for (let step = 0; step < STEPS; step++) {
    const values = random.pick(processes);
    const work = random.chance(0.1) ? change(values) : ask(values);
    underWay.add(work);
    work.then(
      () => underWay.delete(work),
      () => {},
    );
    // Some computations outlive their lease, and some values their time to live.
    if (random.chance(0.02)) clock.advance(random.below(4_000));
    await pause();
    while (underWay.size > CALLS_AT_ONCE_MAX) await Promise.race(underWay);
  }
  await Promise.all(underWay);
});

/** The namespace with a pause before and after each operation, as over a slow network. */
function delayed(kv: KVNamespace, pause: () => Promise<void>): KVNamespace {
  async function after<Result>(work: () => Promise<Result>): Promise<Result> {
    await pause();
    const result = await work();
    await pause();
    return result;
  }
  return new Proxy(kv, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      if (name !== "atomic") return (...args: unknown[]) => after(() => method.apply(target, args));
      return () => {
        const atomic = target.atomic();
        const commit = atomic.commit.bind(atomic);
        return Object.assign(atomic, { commit: () => after(commit) }) satisfies KvAtomic;
      };
    },
  });
}
