import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KVNamespace, WorkersKV } from "../../namespace/kv-namespace.js";
import { experiment } from "./experiment.js";
import type { Exposure } from "./exposure-log.js";

let database: ReturnType<typeof open>;
let kv: KVNamespace;
const clock = new FakeClock();
beforeEach(() => {
  database = open(":memory:", { clock });
  kv = database.namespace("experiments");
});
afterEach(() => database.close());

/** The namespace with only the methods of Workers KV. */
function plain(): WorkersKV {
  return {
    get: kv.get.bind(kv) as WorkersKV["get"],
    getWithMetadata: kv.getWithMetadata.bind(kv) as WorkersKV["getWithMetadata"],
    put: kv.put.bind(kv),
    delete: async (key) => kv.delete(key),
    list: (options) => kv.list(options),
  };
}

const users = Array.from({ length: 200 }, (_, at) => `user-${at}`);
const half = { control: 1, blue: 1 };

async function all(exposures: AsyncIterable<Exposure>): Promise<Exposure[]> {
  const found: Exposure[] = [];
  for await (const exposure of exposures) found.push(exposure);
  return found;
}

describe("with atomics", () => {
  test("whoever has a variant keeps it, whatever becomes of the weights", async () => {
    const before = experiment(kv, { name: "checkout", variants: half });
    expect(before.guarantee).toBe("atomic");
    const had = await Promise.all(users.map((user) => before.assign(user)));
    for (const variants of [{ control: 1, blue: 0 }, { green: 1 }, { control: 1, blue: 1, green: 98 }]) {
      const after = experiment(kv, { name: "checkout", variants });
      expect(await Promise.all(users.map((user) => after.assign(user)))).toEqual(had);
    }
  });

  test("of two releases that decide at once, the first wins for both", async () => {
    const one = experiment(kv, { name: "checkout", variants: { a: 1 } });
    const other = experiment(kv, { name: "checkout", variants: { b: 1 } });
    for (const user of users.slice(0, 50)) {
      const [first, second] = await Promise.all([one.assign(user), other.expose(user)]);
      expect(first).toBe(second);
    }
    const { a, b } = await one.results();
    expect((a?.assigned ?? 0) + (b?.assigned ?? 0)).toBe(50);
  });

  test("a retired variant's users get another one, and are counted there", async () => {
    const before = experiment(kv, { name: "checkout", variants: half });
    const had = await Promise.all(users.map((user) => before.assign(user)));
    const after = experiment(kv, { name: "checkout", variants: { control: 1 }, retired: ["blue"] });
    await Promise.all(users.map((user, at) => (at % 2 ? after.assign(user) : after.expose(user))));
    expect(await after.results()).toEqual({
      control: { assigned: users.length, exposures: users.length / 2, conversions: {} },
      blue: { assigned: 0, exposures: 0, conversions: {} },
    });
    expect(had).toContain("blue");
  });

  test("a user's exposure counts once, however often and however many at once", async () => {
    const checkout = experiment(kv, { name: "checkout", variants: half, clock });
    // Some users are assigned before their first exposure.
    await Promise.all(users.slice(0, 100).map((user) => checkout.assign(user)));
    const shown = await Promise.all([...users, ...users, ...users].map((user) => checkout.expose(user)));
    const results = await checkout.results();
    const blue = shown.slice(0, users.length).filter((variant) => variant === "blue").length;
    expect(results["blue"]).toEqual({ assigned: blue, exposures: blue, conversions: {} });
    expect(results["control"]).toEqual({
      assigned: users.length - blue,
      exposures: users.length - blue,
      conversions: {},
    });
    const log = await all(checkout.exposures());
    expect(log.map(({ user }) => user).sort()).toEqual([...users].sort());
    expect(log[0]?.atMs).toBe(clock.nowMs());
  });

  test("every exposure counts when asked for", async () => {
    const checkout = experiment(kv, { name: "checkout", variants: half, exposures: "every" });
    await Promise.all(Array.from({ length: 20 }, () => checkout.expose("user:1")));
    const variant = await checkout.assign("user:1");
    expect((await checkout.results())[variant]).toEqual({ assigned: 1, exposures: 20, conversions: {} });
    const log = await all(checkout.exposures());
    expect(new Set(log.map(({ user }) => user))).toEqual(new Set(["user:1"]));
    expect(log).toHaveLength(20);
  });

  test("clear forgets this experiment alone", async () => {
    const one = experiment(kv, { name: "one", variants: half });
    const other = experiment(kv, { name: "one:more", variants: half });
    await one.expose("ada");
    await other.expose("ada");
    expect(await one.clear()).toBe(4);
    expect(await all(one.exposures())).toEqual([]);
    expect(await all(other.exposures())).toHaveLength(1);
  });
});

describe("on plain Workers KV", () => {
  test("the hash decides, the same as for new users with atomics, and stores nothing", async () => {
    const checkout = experiment(plain(), { name: "checkout", variants: half });
    expect(checkout.guarantee).toBe("best-effort");
    const decided = await Promise.all(users.map((user) => checkout.assign(user)));
    expect(await kv.count()).toBe(0);
    const atomic = experiment(kv, { name: "checkout", variants: half });
    expect(await Promise.all(users.map((user) => atomic.assign(user)))).toEqual(decided);
  });

  test("exposures are counted from the log", async () => {
    const checkout = experiment(plain(), { name: "checkout", variants: { a: 1, b: 0 } });
    for (const user of ["ada", "ada", "bob"]) await checkout.expose(user);
    const every = experiment(plain(), { name: "other", variants: { a: 1 }, exposures: "every" });
    for (const user of ["ada", "ada"]) await every.expose(user);
    expect(await checkout.results()).toEqual({
      a: { assigned: 0, exposures: 2, conversions: {} },
      b: { assigned: 0, exposures: 0, conversions: {} },
    });
    expect(await every.results()).toEqual({ a: { assigned: 0, exposures: 2, conversions: {} } });
    expect(await checkout.clear()).toBe(2);
    expect(await all(every.exposures())).toHaveLength(2);
  });
});

test("bad input is refused", async () => {
  for (const options of [
    { name: "", variants: half },
    { name: "n".repeat(65), variants: half },
    { name: "checkout", variants: {} },
    { name: "checkout", variants: { a: -1 } },
    { name: "checkout", variants: half, retired: ["blue"] },
    { name: "checkout", variants: half, exposures: "twice" as "once" },
  ]) {
    expect(() => experiment(kv, options)).toThrow(expect.objectContaining({ code: "option_invalid" }));
  }
  const checkout = experiment(kv, { name: "checkout", variants: half });
  await expect(checkout.assign("")).rejects.toMatchObject({ code: "option_invalid" });
  await expect(checkout.expose("u".repeat(600))).rejects.toMatchObject({ code: "key_too_long" });
});

describe.each(["atomic", "best-effort"] as const)("%s", (guarantee) => {
  const binding = () => (guarantee === "atomic" ? kv : plain());
  const variants = { control: 1, blue: 1 };

  test("a conversion counts once for each user and goal", async () => {
    const checkout = experiment(binding(), { name: "checkout", variants });
    for (const user of ["ada", "bob"]) await checkout.expose(user);
    const variant = await checkout.assign("ada");
    for (let times = 0; times < 3; times++) expect(await checkout.convert("ada")).toBe(variant);
    await checkout.convert("ada", { goal: "paid: 10 %" });
    const results = await checkout.results();
    expect(results[variant]?.conversions).toEqual({ converted: 1, "paid: 10 %": 1 });
    await checkout.clear();
    expect(await kv.count()).toBe(0);
  });

  test("users outside the traffic, in the holdout, or with an override are not counted", async () => {
    const users = Array.from({ length: 200 }, (_, at) => `user-${at}`);
    const held = { name: "quarter", share: 0.5 };
    const some = experiment(binding(), { name: "some", variants, traffic: 0.5, holdout: held });
    const other = experiment(binding(), { name: "other", variants, holdout: held, prefix: "x:" });
    const none = experiment(binding(), {
      name: "none",
      variants,
      traffic: 0,
      outside: "blue",
      overrides: { ada: "control" },
    });
    expect([await none.expose("ada"), await none.expose("bob"), await none.convert("bob")]).toEqual([
      "control",
      "blue",
      "blue",
    ]);
    expect(await kv.count()).toBe(0);
    for (const user of users) for (const each of [some, other]) await each.expose(user);
    const counted = async (each: typeof some) => {
      const exposed = new Set<string>();
      for await (const { user } of each.exposures()) exposed.add(user);
      return exposed;
    };
    const [ofSome, ofOther] = [await counted(some), await counted(other)];
    expect(ofSome.size).toBeGreaterThan(30);
    expect(ofSome.size).toBeLessThan(70);
    expect(ofOther.size).toBeLessThan(130);
    // The same users are held out of both.
    expect([...ofSome].every((user) => ofOther.has(user))).toBe(true);
  });
});

test("takes part only as an option can say", () => {
  const variants = { control: 1, blue: 1 };
  for (const options of [
    { traffic: 2 },
    { outside: "red" },
    { overrides: { ada: "red" } },
    { holdout: { name: "", share: 1 } },
  ]) {
    expect(() => experiment(kv, { name: "a", variants, ...options })).toThrow(
      expect.objectContaining({ code: "option_invalid" }),
    );
  }
});
