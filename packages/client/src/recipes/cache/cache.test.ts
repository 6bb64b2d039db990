import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import type { KVBinding } from "../../typed/binding.js";
import type { Guarantee } from "../shared/binding.js";
import { cache } from "./cache.js";
import type { CacheOptions } from "./options.js";

let database: ReturnType<typeof open>;
let kv: KVNamespace;
let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
  database = open(":memory:", { clock });
  kv = database.namespace("cache");
});
afterEach(() => database.close());

/** The namespace with only the methods of Workers KV. */
const plain = (): KVBinding => ({
  get: kv.get.bind(kv),
  getWithMetadata: kv.getWithMetadata.bind(kv),
  put: kv.put.bind(kv),
  delete: async (key) => kv.delete(key),
  list: (options) => kv.list(options),
});

/** Advances the clock. Time passes only in this sleep. */
const sleep = async (ms: number) => {
  clock.advance(ms);
  await new Promise((resolve) => setImmediate(resolve));
};

/** Simulates another process: a separate cache on the same data. */
const process = (options: Partial<CacheOptions> = {}, binding: KVBinding = kv) =>
  cache(binding, { ttlSeconds: 60, clock, sleep, ...options });

/** A computation that ends when the test ends it. */
class Computation<Value> {
  calls = 0;
  readonly #waiting: { resolve(value: Value): void; reject(error: unknown): void }[] = [];
  #called = () => {};

  readonly run = (): Promise<Value> => {
    this.calls++;
    return new Promise<Value>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#called();
    });
  };

  /** Waits for a call and ends it. */
  async end(value: Value): Promise<void> {
    (await this.#next()).resolve(value);
  }

  async fail(error: Error): Promise<void> {
    (await this.#next()).reject(error);
  }

  async begun(): Promise<void> {
    if (this.#waiting.length > 0) return;
    await new Promise<void>((resolve) => {
      this.#called = resolve;
    });
  }

  async #next() {
    await this.begun();
    const [waiting] = this.#waiting.splice(0, 1);
    if (waiting === undefined) throw new Error("Nobody waits.");
    return waiting;
  }
}

const counter = () => {
  let calls = 0;
  return () => ++calls;
};

describe.each(["atomic", "best-effort"] as const)("%s", (guarantee) => {
  const binding = () => (guarantee === "atomic" ? kv : plain());
  const make = (options?: Partial<CacheOptions>) => process(options, binding());

  test("a value is computed once until its time is over", async () => {
    const values = make();
    expect(values.guarantee).toBe(guarantee);
    const compute = counter();
    expect(await values.getOrSetWithStatus("a", compute)).toEqual({
      value: 1,
      status: "miss",
      source: "store",
    });
    clock.advance(59_999);
    expect(await values.getOrSetWithStatus("a", compute)).toEqual({
      value: 1,
      status: "hit",
      source: "store",
    });
    expect(await make().getOrSet("a", compute)).toBe(1);
    clock.advance(1);
    expect(await values.getOrSetWithStatus("a", compute)).toEqual({
      value: 2,
      status: "miss",
      source: "store",
    });
  });

  test("a hit and a miss give the same: what JSON keeps", async () => {
    const value = () => ({ at: new Date(0), none: undefined, text: 'a\n"b"\ud83d\ude00' });
    const missed = await make().getOrSet<unknown>("a", value);
    const hit = await make().getOrSet<unknown>("a", value);
    expect(missed).toEqual({ at: "1970-01-01T00:00:00.000Z", text: 'a\n"b"\ud83d\ude00' });
    expect(hit).toEqual(missed);
  });

  test("many in one process compute once, and share no object", async () => {
    const values = make();
    const computation = new Computation<{ n: number }>();
    const calls = Array.from({ length: 20 }, () => values.getOrSet("a", computation.run));
    await computation.end({ n: 1 });
    const [first, ...others] = await Promise.all(calls);
    expect(computation.calls).toBe(1);
    for (const other of others) expect(other).toEqual(first);
    if (first !== undefined) first.n = 2;
    expect(others[0]).toEqual({ n: 1 });
  });

  test("what is stale is served, and replaced behind the caller's back", async () => {
    const work: Promise<unknown>[] = [];
    const values = make({ staleSeconds: 30, waitUntil: (promise) => void work.push(promise) });
    const compute = counter();
    await values.getOrSet("a", compute);
    clock.advance(60_000);
    const stale = await Promise.all([1, 2, 3].map(() => values.getOrSetWithStatus("a", compute)));
    expect(stale).toEqual(Array.from({ length: 3 }, () => ({ value: 1, status: "stale", source: "store" })));
    await Promise.all(work);
    expect(await values.getOrSetWithStatus("a", compute)).toEqual({
      value: 2,
      status: "hit",
      source: "store",
    });
    clock.advance(90_000);
    expect(await values.getOrSetWithStatus("a", compute)).toEqual({
      value: 3,
      status: "miss",
      source: "store",
    });
  });

  test("a refresh that fails is told, and leaves what is stale", async () => {
    const work: Promise<unknown>[] = [];
    const errors: unknown[] = [];
    const values = make({
      staleSeconds: 30,
      failureTtlSeconds: 30,
      waitUntil: (promise) => void work.push(promise),
      onError: (error, key) => errors.push([key, (error as Error).message]),
    });
    await values.getOrSet("a", () => 1);
    clock.advance(60_000);
    const fails = () => Promise.reject(new Error("down"));
    expect(await values.getOrSet("a", fails)).toBe(1);
    await expect(Promise.all(work)).resolves.toBeDefined();
    expect(await values.getOrSet("a", fails)).toBe(1);
    await Promise.all(work);
    expect(errors).toEqual([
      ["a", "down"],
      ["a", "down"],
    ]);
  });

  test("nothing is remembered as long as told", async () => {
    const values = make({ negativeTtlSeconds: 5 });
    let calls = 0;
    const none = () => {
      calls++;
      return null;
    };
    expect(await values.getOrSetWithStatus("a", none)).toEqual({
      value: null,
      status: "miss",
      source: "store",
    });
    expect(await values.getOrSetWithStatus("a", none)).toEqual({
      value: null,
      status: "hit",
      source: "store",
    });
    clock.advance(5_000);
    await values.getOrSet("a", none);
    expect(calls).toBe(2);
    await values.getOrSet("b", none, { negativeTtlSeconds: 0 });
    await values.getOrSet("b", none, { negativeTtlSeconds: 0 });
    expect(calls).toBe(4);
  });

  test("a tag makes all that has it invalid, and nothing else", async () => {
    const values = make({ tags: ["all"] });
    const compute = counter();
    const products = { tags: ["products"] };
    await values.getOrSet("a", compute, products);
    await values.getOrSet("b", compute);
    await values.invalidateTag("products");
    expect(await values.getOrSet("a", compute, products)).toBe(3);
    expect(await values.getOrSet("b", compute)).toBe(2);
    await values.invalidateTags(["all", "none"]);
    expect(await values.getOrSet("a", compute, products)).toBe(4);
    expect(await values.getOrSet("b", compute)).toBe(5);
  });

  test("an invalidation is remembered as long as anything can live that has the tag, and no longer", async () => {
    const values = process({ ttlSeconds: 31_536_000, staleSeconds: 31_536_000 }, binding());
    const compute = counter();
    await values.getOrSet("a", compute, { tags: ["x"] });
    await values.invalidateTag("x");
    await clock.advance(2_592_000_000 - 1);
    expect(await values.getOrSet("a", compute, { tags: ["x"] })).toBe(2);
    await clock.advance(60_001);
    expect((await kv.list({ prefix: "cache:tag:" })).keys).toEqual([]);
    await clock.advance(2_592_000_000 - 60_001);
    expect(await values.getOrSet("a", compute, { tags: ["x"] })).toBe(3);
  });

  test("a tag counts also for who does not name it, and one that is new to an entry does", async () => {
    const values = make();
    const compute = counter();
    await values.getOrSet("a", compute, { tags: ["x"] });
    expect(await values.getOrSet("a", compute)).toBe(1);
    await values.invalidateTag("x");
    expect(await values.getOrSet("a", compute)).toBe(2);
    expect(await values.getOrSet("a", compute, { tags: ["y"] })).toBe(3);
  });

  test("what was computed from before an invalidation is given to nobody who asks after it", async () => {
    const values = make({ tags: ["x"] });
    const computation = new Computation<string>();
    const before = values.getOrSet("a", computation.run);
    await computation.begun();
    await values.invalidateTag("x");
    const after = values.getOrSet("a", async () => "new");
    await computation.end("old");
    expect(await before).toBe("old");
    expect(await after).toBe("new");
    expect(await process({ tags: ["x"] }, binding()).getOrSet("a", () => "newer")).toBe("new");
  });

  test("a failure is its caller's; of those who wait one tries again", async () => {
    const values = make();
    const computation = new Computation<number>();
    const calls = Array.from({ length: 5 }, () => values.getOrSet("a", computation.run));
    const outcomes = Promise.allSettled(calls);
    await computation.fail(new Error("down"));
    await computation.end(2);
    expect((await outcomes).map((outcome) => outcome.status)).toEqual([
      "rejected",
      ...Array.from({ length: 4 }, () => "fulfilled"),
    ]);
    expect(computation.calls).toBe(2);
  });

  test("a computation that keeps failing is not tried once by each who waits", async () => {
    const values = make();
    let calls = 0;
    const fails = async () => {
      calls++;
      await new Promise((resolve) => setImmediate(resolve));
      throw new Error("down");
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => values.getOrSet("a", fails)));
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(calls).toBeLessThanOrEqual(2);
  });

  test("a failure is remembered when asked for", async () => {
    const values = make({ failureTtlSeconds: 5 });
    const fails = () => Promise.reject(new Error("down"));
    await expect(values.getOrSet("a", fails)).rejects.toThrow("down");
    await expect(values.getOrSet("a", () => 1)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("down"),
      hint: expect.stringContaining("5 s"),
    });
    clock.advance(5_000);
    expect(await values.getOrSet("a", () => 1)).toBe(1);
  });

  test("what others wrote under its key is computed anew", async () => {
    const values = make();
    for (const text of ["", "text", "{}\n1", "null\n1"]) {
      await kv.put("cache:entry:a", text);
      expect(await values.getOrSet("a", () => "computed")).toBe("computed");
    }
  });

  test("a value that cannot be stored is given all the same, and told", async () => {
    const errors: unknown[] = [];
    const values = make({ onError: (error) => errors.push(error) });
    const large = "x".repeat(26_214_401);
    expect(await values.getOrSet("a", () => large)).toBe(large);
    expect(errors).toEqual([expect.objectContaining({ code: "value_too_large" })]);
    // Callers do not wait for an abandoned lease.
    expect(await make().getOrSet("a", () => "small")).toBe("small");
  });
});

describe("processes", () => {
  test("compute once together", async () => {
    const computation = new Computation<number>();
    const calls = Array.from({ length: 4 }, () => process()).flatMap((values) =>
      Array.from({ length: 16 }, () => values.getOrSet("a", computation.run)),
    );
    await computation.end(7);
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 64 }, () => 7));
    expect(computation.calls).toBe(1);
  });

  test.each(["nothing", "something that is over"])(
    "that looked before another was done find %s, and do not compute again",
    async (there) => {
      if (there !== "nothing") {
        await process({ ttlSeconds: 10 }).getOrSet("a", () => 0);
        clock.advance(10_000);
      }
      let first = true;
      // Another process computes between this one's lookup and its lease.
      const late = new Proxy(kv, {
        get(target, name) {
          const method = Reflect.get(target, name);
          if (typeof method !== "function") return method;
          return async (...args: unknown[]) => {
            const found = await Reflect.apply(method, target, args);
            if (first) {
              first = false;
              await process().getOrSet("a", () => 1);
            }
            return found;
          };
        },
      });
      const binding = new Proxy(late, {
        get: (target, name) => (name === "atomic" ? () => kv.atomic() : Reflect.get(target, name)),
      });
      expect(await process({}, binding).getOrSet("a", () => 2)).toBe(1);
    },
  );

  test("do not wait for one that died longer than its lease", async () => {
    const dies = new Computation<number>();
    process({ leaseSeconds: 2 })
      .getOrSet("a", dies.run)
      .catch(() => {});
    await dies.begun();
    const diedAtMs = clock.nowMs();
    let waitedMs = 0;
    const compute = () => {
      waitedMs = clock.nowMs() - diedAtMs;
      return 1;
    };
    const others = [process(), process()].map((values) => values.getOrSet("a", compute));
    expect(await Promise.all(others)).toEqual([1, 1]);
    expect(waitedMs).toBeGreaterThanOrEqual(2_000);
    expect(waitedMs).toBeLessThan(3_000);
    // The owner was only suspended. It is too late to overwrite the entry.
    await dies.end(99);
    expect(await process().getOrSet("a", compute)).toBe(1);
  });

  test("do not get back by a late computation what was deleted", async () => {
    const computation = new Computation<string>();
    const here = process();
    const before = here.getOrSet("a", computation.run);
    await computation.begun();
    await process().delete("a");
    expect(await here.getOrSet("a", () => "new")).toBe("new");
    await computation.end("old");
    expect(await before).toBe("old");
    expect(await process().getOrSet("a", () => "newer")).toBe("new");
  });

  test("share nothing that was found before a delete with who asks after it", async () => {
    await process({ ttlSeconds: 10 }).getOrSet("a", () => "over");
    clock.advance(10_000);
    let answer = () => {};
    let looks = 0;
    const looking = new Proxy(kv, {
      get(target, name) {
        const method = Reflect.get(target, name);
        if (name !== "get") return typeof method === "function" ? method.bind(target) : method;
        return async (...args: unknown[]) => {
          const found = await Reflect.apply(method, target, args);
          looks++;
          // The first lookup finds no usable entry. The second one, under the lease, finds what
          // another process computed meanwhile.
          if (looks === 1) await process().getOrSet("a", () => "before");
          if (looks === 2) {
            await process().delete("a");
            await new Promise<void>((resolve) => {
              answer = resolve;
              asked();
            });
          }
          return found;
        };
      },
    });
    let asked = () => {};
    const deleted = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const values = process({}, looking);
    const first = values.getOrSet("a", () => "first");
    await deleted;
    const second = values.getOrSet("a", () => "after");
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    expect(await first).toBe("before");
    expect(await second).toBe("after");
  });

  test("one that waits for others too long computes by itself", async () => {
    const never = new Computation<number>();
    process({ leaseSeconds: 3_600 })
      .getOrSet("a", never.run)
      .catch(() => {});
    await never.begun();
    expect(await process({ leaseSeconds: 1 }).getOrSet("a", () => 1)).toBe(1);
  });

  test("try again when the one that computes fails", async () => {
    const computation = new Computation<number>();
    const fails = process().getOrSet("a", computation.run);
    await computation.begun();
    const other = process().getOrSet("a", () => 2);
    await computation.fail(new Error("down"));
    await expect(fails).rejects.toThrow("down");
    expect(await other).toBe(2);
  });
});

test("an early refresh comes the sooner the longer it takes to compute", async () => {
  const dice = [0.99];
  const work: Promise<unknown>[] = [];
  const values = process({
    earlyRefresh: 1,
    random: () => dice[0] as number,
    waitUntil: (promise) => void work.push(promise),
  });
  const slow = async () => {
    clock.advance(5_000);
    return 1;
  };
  await values.getOrSet("slow", slow);
  await values.getOrSet("quick", () => 1);
  clock.advance(45_000);
  for (const key of ["slow", "quick"]) await values.getOrSet(key, () => 2);
  await Promise.all(work);
  expect(await values.getOrSet("slow", () => 3)).toBe(2);
  expect(await values.getOrSet("quick", () => 3)).toBe(1);
});

test("requests: a hit is one, a miss three, four where there was an entry, tags included", async () => {
  const requests: string[] = [];
  const counted = new Proxy(kv, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        requests.push(String(name));
        return Reflect.apply(method, target, args);
      };
    },
  });
  const values = process({ tags: ["x", "y"] }, counted);
  await values.getOrSet("a", () => 1);
  expect(requests.splice(0)).toEqual(["get", "atomic", "atomic"]);
  await values.getOrSet("a", () => 1);
  expect(requests.splice(0)).toEqual(["get"]);
  await values.invalidateTag("x");
  expect(requests.splice(0)).toEqual(["put"]);
  await values.getOrSet("a", () => 1);
  // There is an entry, so one read must check whether it was replaced since.
  expect(requests.splice(0)).toEqual(["get", "atomic", "get", "atomic"]);
  await values.invalidateTags(["x", "y"]);
  expect(requests.splice(0)).toEqual(["atomic"]);
  await values.delete("a");
  expect(requests.splice(0)).toEqual(["atomic"]);
});

test("bad input is refused before any request", async () => {
  for (const options of [
    { ttlSeconds: 0 },
    { ttlSeconds: -1 },
    { ttlSeconds: Number.NaN },
    { ttlSeconds: 31_536_001 },
    { ttlSeconds: 60, staleSeconds: -1 },
    { ttlSeconds: 60, negativeTtlSeconds: "5" },
    { ttlSeconds: 60, leaseSeconds: 0 },
    { ttlSeconds: 60, earlyRefresh: -1 },
    { ttlSeconds: 60, tags: "products" },
    { ttlSeconds: 60, tags: Array.from({ length: 91 }, (_, at) => `tag-${at}`) },
    { ttlSeconds: 60, waitUntil: {} },
  ]) {
    expect(() => cache(kv, options as CacheOptions), JSON.stringify(options)).toThrow(
      expect.objectContaining({ code: "option_invalid", hint: expect.any(String) }),
    );
  }
  const values = process();
  const never = () => {
    throw new Error("computed");
  };
  await expect(values.getOrSet("", never)).rejects.toMatchObject({ code: "option_invalid" });
  await expect(values.getOrSet("a", never, { ttlSeconds: -1 })).rejects.toMatchObject({
    code: "option_invalid",
  });
  await expect(values.getOrSet("a", never, { tags: [""] })).rejects.toMatchObject({ code: "option_invalid" });
  await expect(values.getOrSet("a", () => undefined)).rejects.toMatchObject({ code: "value_invalid" });
  await expect(values.getOrSet("a", () => 1n)).rejects.toMatchObject({ code: "value_invalid" });
});

test("the guarantee is known from the binding's type", () => {
  expectTypeOf(process({}, kv).guarantee).toEqualTypeOf<Guarantee>();
  expectTypeOf(cache(kv, { ttlSeconds: 60 }).guarantee).toEqualTypeOf<"atomic">();
});

describe("a computation decides", () => {
  test("how long its value is fresh", async () => {
    const pages = process();
    let computed = 0;
    const token = () =>
      pages.getOrSet("token", (context) => {
        context.ttlSeconds = 5;
        return ++computed;
      });
    expect([await token(), await token()]).toEqual([1, 1]);
    clock.advance(5_000);
    expect(await token()).toBe(2);
  });

  test("that its value is not cached, and shares it with those who wait all the same", async () => {
    const pages = process();
    let computed = 0;
    const skipped = () =>
      pages.getOrSet("skipped", (context) => {
        context.skip = true;
        return ++computed;
      });
    expect(await Promise.all([skipped(), skipped()])).toEqual([1, 1]);
    expect(await skipped()).toBe(2);
  });

  test("its tags, in addition to those of the call", async () => {
    const pages = process();
    let computed = 0;
    const tagged = (binding = pages) =>
      binding.getOrSet(
        "tagged",
        (context) => {
          context.tags = ["author:1"];
          return ++computed;
        },
        { tags: ["posts"] },
      );
    expect([await tagged(), await tagged()]).toEqual([1, 1]);
    await pages.invalidateTag("author:1");
    expect([await tagged(), await tagged(process())]).toEqual([2, 2]);
    await pages.invalidateTag("posts");
    expect([await tagged(), await tagged()]).toEqual([3, 3]);
  });

  test("and an invalidation of such a tag meanwhile counts", async () => {
    const [pages, other] = [process(), process()];
    let computed = 0;
    const tagged = (meanwhile: () => Promise<void>) =>
      pages.getOrSet("tagged", async (context) => {
        context.tags = ["author:1"];
        const value = ++computed;
        clock.advance(10);
        await meanwhile();
        clock.advance(1);
        return value;
      });
    expect(await tagged(() => other.invalidateTag("author:1"))).toBe(1);
    // The second one knows the tag from the entry that it replaces.
    expect(await tagged(async () => {})).toBe(2);
    clock.advance(60_000);
    expect(await tagged(() => other.invalidateTag("author:1"))).toBe(3);
    expect(await tagged(async () => {})).toBe(4);
    expect(await tagged(async () => {})).toBe(4);
  });

  test("nothing that an option could not say", async () => {
    for (const decide of [
      { ttlSeconds: 0 },
      { ttlSeconds: Number.NaN },
      { tags: [""] },
      { tags: "a" as never },
    ]) {
      const refused = process().getOrSet(JSON.stringify(decide), (context) => {
        Object.assign(context, decide);
        return 1;
      });
      await expect(refused).rejects.toMatchObject({ code: "option_invalid" });
    }
  });
});

test("the type of a value is what JSON makes of it", async () => {
  const pages = process();
  const event = await pages.getOrSet("event", () => ({
    at: new Date(0),
    list: [new Date(0)],
    note: "a" as string | undefined,
  }));
  expectTypeOf(event).toEqualTypeOf<{ at: string; list: string[]; note: string | undefined }>();
  expect(event.at).toBe("1970-01-01T00:00:00.000Z");
  expectTypeOf(await pages.getOrSet<unknown>("any", () => 1)).toEqualTypeOf<unknown>();
  expectTypeOf(await pages.getOrSet("count", () => 1 as number | null)).toEqualTypeOf<number | null>();
  expectTypeOf((await pages.getOrSetWithStatus("pair", () => [1, new Date(0)] as const)).value).toEqualTypeOf<
    [1, string]
  >();
});
