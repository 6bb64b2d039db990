import { open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import type { AttributeOperators } from "./conditions.js";
import type { FlagDefinition } from "./definition.js";
import { flags } from "./flags.js";

let database: ReturnType<typeof open>;
let kv: KVNamespace;
beforeEach(() => {
  database = open(":memory:");
  kv = database.namespace("flags");
});
afterEach(() => database.close());

describe("a value", () => {
  test("is that of the rule, else that of the variant, else that of the flag", async () => {
    const features = flags(kv);
    await features.set("size", {
      value: 10,
      variants: { small: 0, big: 1 },
      values: { big: 20 },
      rules: [
        { when: { plan: "pro" }, value: 30 },
        { when: { plan: "old" }, variant: "small" },
        { when: { plan: "none" }, enabled: false, value: 40 },
      ],
    });
    const of = (plan?: string) => features.value("size", { id: "ada", plan }, 1);
    expect([await of("pro"), await of("old"), await of("none"), await of()]).toEqual([30, 10, 1, 20]);
    expect(await features.evaluate("size", "ada")).toMatchObject({ variant: "big", value: 20 });
  });

  test.each<[unknown, unknown, boolean]>([
    ["dark", "light", true],
    [5, 1, true],
    [false, true, true],
    [{ a: [1] }, { a: [] }, true],
    [[1], [], true],
    [{ a: 1 }, undefined, true],
    ["5", 1, false],
    [[1], {}, false],
    [true, "on", false],
  ])("of %j is returned where %j is expected: %j", async (value, otherwise, fits) => {
    const features = flags(kv, { defaults: { flag: { value } } });
    expect(await features.value("flag", "ada", otherwise)).toEqual(fits ? value : otherwise);
    expect(await features.value("missing", "ada", otherwise)).toEqual(otherwise);
  });

  test("is the caller's own copy", async () => {
    const set = await flags(kv, { defaults: { flag: { value: { a: 1 } } } }).load(["flag"]);
    set.value("flag", "ada", { a: 0 }).a = 2;
    expect(set.value("flag", "ada", { a: 0 })).toEqual({ a: 1 });
  });

  test("has the type of what is expected, and variants those of the default", async () => {
    const features = flags(kv, { defaults: { button: { variants: { blue: 1, green: 1 } } } });
    expectTypeOf(await features.value("button", "ada", "light")).toEqualTypeOf<string>();
    expectTypeOf(await features.value("button", "ada", 1)).toEqualTypeOf<number>();
    expectTypeOf(await features.variant("button", "ada")).toEqualTypeOf<"blue" | "green" | null>();
    expectTypeOf(await features.variant("other", "ada", "none" as const)).toEqualTypeOf<string>();
  });
});

describe("conditions", () => {
  const holds = async (condition: AttributeOperators, value: unknown) => {
    const defaults = { flag: { rollout: 0, rules: [{ when: { a: condition } }] } };
    return flags(kv, { defaults }).isEnabled("flag", { id: "ada", a: value });
  };
  test.each<[AttributeOperators, unknown[], unknown[]]>([
    [{ not: ["de", 1] }, ["at", true], ["de", 1, undefined]],
    [{ moreThan: 5 }, [6, 5.1], [5, "6", undefined, Number.NaN]],
    [{ atLeast: 5, lessThan: 7 }, [5, 6], [4, 7]],
    [{ atMost: 5 }, [5, -1], [6]],
    [{ startsWith: ["a", "b"] }, ["ab", "b"], ["cb", 1, undefined]],
    [{ endsWith: "@example.com" }, ["a@example.com"], ["a@example.com.evil"]],
    [{ contains: "x" }, ["axb", ["x", "y"]], ["ab", ["xy"], { x: 1 }]],
    [{ versionAtLeast: "2.9" }, ["2.10", "2.9.0", "v3", "2.9-beta"], ["2.8.9", "1", "x", undefined]],
    [{ versionBelow: "2.10.1" }, ["2.9", "2.10"], ["2.10.1", "2.10.1.0", "10"]],
  ])("%j", async (condition, yes, no) => {
    for (const value of yes) expect([value, await holds(condition, value)]).toEqual([value, true]);
    for (const value of no) expect([value, await holds(condition, value)]).toEqual([value, false]);
  });

  test("segments are groups that rules name", async () => {
    const segments = { staff: [{ email: { endsWith: "@example.com" } }, { role: "admin", country: "de" }] };
    const features = flags(kv, { segments });
    await features.set("beta", { rollout: 0, rules: [{ segment: "staff", when: { active: true } }] });
    const has = (user: object) => features.isEnabled("beta", { id: "ada", active: true, ...user });
    expect(await has({ email: "a@example.com" })).toBe(true);
    expect(await has({ role: "admin", country: "de" })).toBe(true);
    expect(await has({ role: "admin" })).toBe(false);
    expect(await has({ email: "a@example.com", active: false })).toBe(false);
    await expect(features.set("x", { rules: [{ segment: "nobody" }] })).rejects.toMatchObject({
      code: "option_invalid",
    });
    // A process that does not know the group gives the flag to nobody by it.
    expect(await flags(kv).isEnabled("beta", { id: "a", active: true, email: "a@example.com" })).toBe(false);
  });
});

test("a flag that requires others is on only for users who have them", async () => {
  const features = flags(kv);
  await features.set("base", { deny: ["bob"], variants: { old: 0, new: 1 } });
  await features.set("middle", { requires: { base: "new" } });
  await features.set("top", { requires: { middle: true }, value: 1 });
  expect(await features.evaluate("top", "ada")).toMatchObject({ enabled: true, value: 1 });
  expect(await features.evaluate("top", "bob")).toMatchObject({ enabled: false, reason: "prerequisite" });
  await features.set("base", { variants: { old: 1, new: 0 } });
  expect(await features.isEnabled("top", "ada")).toBe(false);
  await features.delete("base");
  expect(await features.isEnabled("top", "ada")).toBe(false);
  // A circle ends.
  await features.set("base", { requires: { top: true } });
  expect(await features.isEnabled("top", "ada")).toBe(false);
});

test("users who share the attribute of bucketBy get the same", async () => {
  const features = flags(kv);
  await features.set("team", { rollout: 50, bucketBy: "company", variants: { a: 1, b: 1 } });
  const outcomes = new Map<string, Set<string>>();
  for (let at = 0; at < 200; at++) {
    const company = `company-${at % 20}`;
    const { enabled, variant } = await features.evaluate("team", { id: `user-${at}`, company });
    outcomes.set(company, (outcomes.get(company) ?? new Set()).add(`${enabled} ${variant}`));
  }
  expect([...outcomes.values()].every(({ size }) => size === 1)).toBe(true);
  expect(new Set([...outcomes.values()].flatMap((each) => [...each])).size).toBe(3);
  expect(await features.isEnabled("team", "ada")).toBe(false);
});

test("changes are told, and what was remembered is forgotten", async () => {
  const features = flags(kv, { cacheTtlSeconds: 3_600 });
  expect(await features.isEnabled("flag")).toBe(false);
  const controller = new AbortController();
  const iterator = features.changes({ signal: controller.signal })[Symbol.asyncIterator]();
  const next = iterator.next();
  await kv.position();
  await flags(kv).set("flag", {});
  expect((await next).value).toBe("flag");
  expect(await features.isEnabled("flag")).toBe(true);
  controller.abort();
  await iterator.return?.();
});

test.each<[FlagDefinition | object]>([
  [{ values: { blue: 1 } }],
  [{ bucketBy: "" }],
  [{ requires: { self: true } }],
  [{ requires: { other: 1 } }],
  [{ rules: [{ when: {} }] }],
  [{ rules: [{ when: { a: { unknown: 1 } } }] }],
  [{ rules: [{ when: { a: {} } }] }],
  [{ rules: [{ when: { a: { atLeast: "5" } } }] }],
  [{ rules: [{ when: { a: { versionAtLeast: "five" } } }] }],
  [{ rules: [{ segment: "" }] }],
])("%j is refused", async (definition) => {
  await expect(flags(kv).set("self", definition)).rejects.toMatchObject({ code: "option_invalid" });
});
