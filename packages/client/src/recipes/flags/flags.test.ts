import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KVNamespace, WorkersKV } from "../../namespace/kv-namespace.js";
import type { KVBinding } from "../../typed/binding.js";
import { flags } from "./flags.js";

let database: ReturnType<typeof open>;
let kv: KVNamespace;
let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
  database = open(":memory:", { clock });
  kv = database.namespace("flags");
});
afterEach(() => database.close());

/** The namespace with only the methods of Workers KV. */
function plain(): WorkersKV {
  return {
    get: kv.get.bind(kv) as WorkersKV["get"],
    getWithMetadata: kv.getWithMetadata.bind(kv) as WorkersKV["getWithMetadata"],
    put: kv.put.bind(kv),
    delete: async (key) => kv.delete(key),
    list: ({ values: _, versions: __, ...options } = {}) => kv.list(options),
  };
}

describe.each(["atomic", "best-effort"] as const)("%s", (guarantee) => {
  const binding = () => (guarantee === "atomic" ? kv : plain());

  test("a flag is what was last set, its default, or what the caller says", async () => {
    const features = flags(binding(), { defaults: { dark: {}, beta: { enabled: false } } });
    expect(features.guarantee).toBe(guarantee);
    expect(await features.isEnabled("dark")).toBe(true);
    expect(await features.isEnabled("beta", "ada", true)).toBe(false);
    expect(await features.isEnabled("unknown")).toBe(false);
    expect(await features.isEnabled("unknown", "ada", true)).toBe(true);
    expect((await features.evaluate("unknown")).reason).toBe("missing");

    await features.set("dark", { enabled: false });
    expect(await features.isEnabled("dark")).toBe(false);
    await features.delete("dark");
    expect(await features.isEnabled("dark")).toBe(true);
  });

  test("a variant is the user's own, or what the caller says", async () => {
    const features = flags(binding());
    await features.set("button", { rollout: 50, variants: { blue: 1, green: 1 } });
    const users = Array.from({ length: 100 }, (_, at) => `user-${at}`);
    const variants = await Promise.all(users.map((user) => features.variant("button", user)));
    expect(new Set(variants)).toEqual(new Set(["blue", "green", null]));
    expect(await Promise.all(users.map((user) => features.variant("button", user)))).toEqual(variants);
    const none = users[variants.indexOf(null)] as string;
    expect(await features.variant("button", none, "plain")).toBe("plain");
  });

  test("load answers for many at once, the names that are no flags too", async () => {
    const features = flags(binding(), { defaults: { c: { enabled: true } } });
    await features.set("a", {});
    const names = ["a", "b", "c", ...Array.from({ length: 120 }, (_, at) => `more-${at}`)];
    const loaded = await features.load(names);
    expect(["a", "b", "c", "not loaded"].map((name) => loaded.isEnabled(name))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(loaded.variant("a", "ada", "none")).toBe("none");
    expect(loaded.evaluate("b").reason).toBe("missing");
  });

  test("definitions are got and listed as they were set", async () => {
    const features = flags(binding());
    expect(await features.get("a:b")).toBeNull();
    await features.set("a:b", { rollout: 5, description: "Try it" });
    await features.set("c", {});
    expect(await features.get("a:b")).toMatchObject({ name: "a:b", definition: { rollout: 5 } });
    expect((await features.list()).map(({ name, definition }) => [name, definition])).toEqual([
      ["a:b", { rollout: 5, description: "Try it" }],
      ["c", {}],
    ]);
  });

  test("a definition is remembered as long as told, its own changes aside", async () => {
    const here = flags(binding(), { cacheTtlSeconds: 10, clock });
    const elsewhere = flags(binding());
    expect(await here.isEnabled("a")).toBe(false);
    await elsewhere.set("a", {});
    clock.advance(9_999);
    expect(await here.isEnabled("a")).toBe(false);
    clock.advance(1);
    expect(await here.isEnabled("a")).toBe(true);
    await here.set("a", { enabled: false });
    expect(await here.isEnabled("a")).toBe(false);
  });

  test("a read that is answered after a change, with what was before it, is not remembered", async () => {
    let answer = () => {};
    const late: KVBinding = {
      ...plain(),
      async get(key, options) {
        const found = await kv.get(key, options);
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return found;
      },
    };
    const features = flags(late, { cacheTtlSeconds: 10, clock });
    const before = features.isEnabled("a");
    // By now the read has happened, because the store is asked for nothing else.
    await features.set("a", {});
    answer();
    expect(await before).toBe(false);
    const after = features.isEnabled("a");
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    expect(await after).toBe(true);
  });

  test("what is stored but no flag is an error that names it", async () => {
    await kv.put("flag:a", "{");
    await kv.put("flag:b", '{"rollout":"all"}');
    const features = flags(binding());
    for (const name of ["a", "b"]) {
      await expect(features.isEnabled(name)).rejects.toMatchObject({
        code: "value_invalid",
        message: expect.stringContaining(`"${name}"`),
      });
    }
  });
});

test("of two edits of the same version one is refused", async () => {
  const features = flags(kv);
  const version = await features.update("a", { rollout: 1 }, { version: null });
  await expect(features.update("a", { rollout: 2 }, { version: null })).rejects.toMatchObject({
    code: "condition_failed",
  });
  const outcomes = await Promise.allSettled(
    [10, 20].map((rollout) => features.update("a", { rollout }, { version })),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const { definition, version: newest } = (await features.get("a")) ?? {};
  expect([10, 20]).toContain(definition?.rollout);
  expect(await features.list()).toEqual([{ name: "a", definition, version: newest }]);
  await features.update("a", {}, { version: newest ?? null });
});

test("an update on plain Workers KV is refused, where it could overwrite what its author has not seen", async () => {
  await expect(flags(plain()).update("a", {}, { version: null })).rejects.toMatchObject({
    code: "atomics_required",
  });
});

test("bad input is refused before any request", async () => {
  await database.close();
  const features = flags(kv);
  await expect(features.set("a", { rollout: 200 })).rejects.toMatchObject({ code: "option_invalid" });
  await expect(features.isEnabled("")).rejects.toMatchObject({ code: "key_invalid" });
  await expect(features.isEnabled("a".repeat(600))).rejects.toMatchObject({ code: "key_too_long" });
  expect(() => flags(kv, { cacheTtlSeconds: -1 })).toThrow(
    expect.objectContaining({ code: "option_invalid" }),
  );
  expect(() => flags(kv, { defaults: { a: { rollout: -1 } } })).toThrow(
    expect.objectContaining({ code: "option_invalid" }),
  );
  database = open(":memory:");
});
