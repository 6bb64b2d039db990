import { type KVNamespace, KvError } from "@kvasir/client";
import { open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { plainBinding } from "../../../../../testing/harness/bindings.js";
import {
  cache,
  eventLog,
  experiment,
  flags,
  lock,
  preferences,
  rateLimit,
  type StoreOutage,
  sessions,
} from "../index.js";

let database: ReturnType<typeof open>;
let state: "there" | "failing" | "hung";
let kv: KVNamespace;
let outages: StoreOutage[];
let pending: Set<() => void>;
beforeEach(() => {
  database = open(":memory:");
  state = "there";
  outages = [];
  pending = new Set();
  kv = unsteady(database.namespace("recipes"));
});
afterEach(() => database.close());

/** The namespace over an unreliable network. */
function unsteady(target: KVNamespace): KVNamespace {
  const request = (ask: () => unknown): unknown => {
    if (state === "there") return ask();
    if (state === "hung") return new Promise(() => {});
    return Promise.reject(new KvError("unavailable", "Connection refused."));
  };
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      if (name !== "atomic") return (...args: unknown[]) => request(() => member.apply(target, args));
      return () => {
        const steps = target.atomic();
        const commit = steps.commit.bind(steps);
        return Object.assign(steps, { commit: () => request(commit) });
      };
    },
  });
}

const timer = (run: () => void) => {
  pending.add(run);
  return () => pending.delete(run);
};
const common = { timer, onOutage: (outage: StoreOutage) => outages.push(outage) };

/** Lets all requests in flight time out until the work is done. */
async function withTimesOver<Result>(work: Promise<Result>): Promise<Result> {
  let done = false;
  const end = () => {
    done = true;
  };
  work.then(end, end);
  while (!done) {
    for (const run of [...pending]) {
      pending.delete(run);
      run();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return work;
}

const unavailable = expect.objectContaining({ code: "unavailable" });

describe.each(["failing", "hung"] as const)("while the store is %s", (away) => {
  beforeEach(() => {
    state = away;
  });
  afterEach(() => {
    expect(pending.size).toBe(0);
  });

  test("a cache computes, and says so", async () => {
    const values = cache(kv, common);
    const value = await withTimesOver(values.getOrSetWithStatus("a", () => 1));
    expect(value).toEqual({ value: 1, status: "miss", source: "default" });
    const request = new Request("http://localhost/");
    const page = await withTimesOver(values.cached(request, () => new Response("page")));
    expect([page.headers.get("X-Cache"), await page.text()]).toEqual(["BYPASS", "page"]);
    await expect(withTimesOver(values.delete("a"))).rejects.toEqual(unavailable);
    await expect(withTimesOver(values.invalidateTag("a"))).rejects.toEqual(unavailable);
  });

  test("a cache gives the response to a change, and tells that it could not invalidate", async () => {
    const told: unknown[] = [];
    const values = cache(kv, { ...common, onError: (error) => told.push(error) });
    const request = new Request("http://localhost/", { method: "POST" });
    const page = await withTimesOver(values.cached(request, () => new Response("made")));
    expect(await page.text()).toBe("made");
    expect(told).toEqual([unavailable]);
  });

  test("a cache asks a handler that fails no second time", async () => {
    let asked = 0;
    const fails = () => {
      asked++;
      throw new Error("broken");
    };
    await expect(withTimesOver(cache(kv, common).getOrSet("a", fails))).rejects.toThrow("broken");
    const request = new Request("http://localhost/");
    await expect(withTimesOver(cache(kv, common).cached(request, fails))).rejects.toThrow("broken");
    expect(asked).toBe(2);
  });

  test("a limiter lets through, refuses, throws or asks, as told", async () => {
    const limiter = (onStoreError?: "open" | "closed" | "throw" | ((key: string) => boolean)) =>
      withTimesOver(rateLimit(kv, { limit: 5, windowSeconds: 60, ...common, onStoreError }).check("ada"));
    expect(await limiter()).toMatchObject({ allowed: true, source: "default" });
    expect(await limiter("open")).toMatchObject({ allowed: true, source: "default" });
    expect(await limiter("closed")).toMatchObject({
      allowed: false,
      source: "default",
      retryAfterSeconds: 1,
    });
    expect(await limiter((key) => key === "ada")).toMatchObject({ allowed: true, source: "default" });
    await expect(limiter("throw")).rejects.toEqual(unavailable);
  });

  test("flags decide by what was known last, else by their defaults", async () => {
    const known = flags(kv, { ...common, defaults: { preset: { rollout: 100 } } });
    state = "there";
    await known.set("a", { rollout: 100 });
    await known.evaluate("a", "ada");
    state = away;
    expect(await withTimesOver(known.evaluate("a", "ada"))).toMatchObject({
      enabled: true,
      source: "memory",
    });
    expect(await withTimesOver(known.evaluate("preset", "ada"))).toMatchObject({
      enabled: true,
      source: "default",
    });
    expect(await withTimesOver(known.isEnabled("b", "ada", true))).toBe(true);
    await expect(withTimesOver(known.set("a", {}))).rejects.toEqual(unavailable);
    await expect(
      withTimesOver(flags(kv, { ...common, onStoreError: "throw" }).evaluate("a")),
    ).rejects.toEqual(unavailable);
  });

  test("an experiment answers the variant of the weights", async () => {
    const options = { name: "a", variants: { control: 1, blue: 1 }, ...common };
    const hashed = await experiment(plainBinding(database.namespace("other")), options).assign("ada");
    expect(await withTimesOver(experiment(kv, options).assign("ada"))).toBe(hashed);
    expect(await withTimesOver(experiment(kv, options).expose("ada"))).toBe(hashed);
    const throwing = experiment(kv, { ...options, onStoreError: "throw" });
    await expect(withTimesOver(throwing.assign("ada"))).rejects.toEqual(unavailable);
    await expect(withTimesOver(experiment(kv, options).results())).rejects.toEqual(unavailable);
  });

  test("sessions throw, or know nobody", async () => {
    state = "there";
    const { id } = await sessions(kv).create({});
    state = away;
    await expect(withTimesOver(sessions(kv, common).get(id))).rejects.toEqual(unavailable);
    const anonymous = sessions(kv, { ...common, onStoreError: "anonymous" });
    expect(await withTimesOver(anonymous.get(id))).toBeNull();
    await expect(withTimesOver(anonymous.create({}))).rejects.toEqual(unavailable);
  });

  test("preferences are the defaults, and cannot be changed", async () => {
    const settings = preferences(kv, { defaults: { theme: "light" }, ...common });
    const read = await withTimesOver(settings.get("ada"));
    expect(read).toEqual({ value: { theme: "light" }, version: null, source: "default" });
    await expect(withTimesOver(settings.patch("ada", { theme: "dark" }))).rejects.toEqual(unavailable);
    const throwing = preferences(kv, { defaults: {}, ...common, onStoreError: "throw" });
    await expect(withTimesOver(throwing.get("ada"))).rejects.toEqual(unavailable);
  });

  test("locks and event logs throw", async () => {
    await expect(withTimesOver(lock(kv, common).acquire("a"))).rejects.toEqual(unavailable);
    await expect(withTimesOver(eventLog(kv, common).append("a"))).rejects.toEqual(unavailable);
  });

  test("an outage is told once, and its end", async () => {
    const known = flags(kv, common);
    for (let times = 0; times < 3; times++) await withTimesOver(known.evaluate("a"));
    expect(outages).toEqual([{ recipe: "flags", state: "away", error: unavailable, failures: 1 }]);
    state = "there";
    await known.evaluate("a");
    await known.evaluate("a");
    expect(outages[1]).toEqual({ recipe: "flags", state: "back", error: unavailable, failures: 3 });
    expect(outages).toHaveLength(2);
  });
});

test("an error that is not the store's is no outage", async () => {
  await kv.put("flag:a", "no definition");
  await expect(flags(kv, common).evaluate("a")).rejects.toMatchObject({ code: "value_invalid" });
  const forbidden = Object.assign(plainBinding(kv), {
    get: () => Promise.reject(new KvError("forbidden", "Not with this token.")),
  });
  await expect(flags(forbidden, common).evaluate("a")).rejects.toMatchObject({ code: "forbidden" });
  expect(outages).toEqual([]);
});

test("plain errors of a plain binding are the store's", async () => {
  const plain = Object.assign(plainBinding(kv), {
    get: () => Promise.reject(new Error("KV GET failed: 500")),
  });
  expect(await flags(plain, common).evaluate("a")).toMatchObject({ source: "default" });
});

test("a value that was computed is given although it cannot be stored", async () => {
  const told: unknown[] = [];
  const values = cache(kv, { ...common, onError: (error) => told.push(error) });
  const compute = () => {
    state = "failing";
    return 1;
  };
  expect(await values.getOrSet("a", compute)).toBe(1);
  expect(told).toContainEqual(unavailable);
});

test.each([0, -1, 1.5, 2_147_483_648, "5"])("a limit of %s ms is refused", (timeoutMs) => {
  expect(() => flags(kv, { timeoutMs: timeoutMs as number })).toThrow(
    expect.objectContaining({ code: "option_invalid" }),
  );
});

test("another answer to an outage than a recipe has is refused", () => {
  const closed = { onStoreError: "closed" } as object;
  for (const make of [
    () => cache(kv, closed),
    () => flags(kv, closed),
    () => sessions(kv, closed),
    () => preferences(kv, closed),
    () => lock(kv, closed),
  ]) {
    expect(make).toThrow(expect.objectContaining({ code: "option_invalid" }));
  }
});
