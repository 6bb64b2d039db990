import { FakeClock, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { countedBinding, plainBinding } from "../../../../../testing/harness/bindings.js";
import type { KVNamespace } from "../../namespace/kv-namespace.js";
import type { StandardSchemaV1 } from "../../typed/standard-schema.js";
import type { Guarantee } from "../shared/binding.js";
import { type PreferencesOptions, preferences } from "./preferences.js";

interface Settings {
  readonly theme: string;
  readonly fontSize: number;
  readonly mail: { readonly weekly: boolean; readonly tags: readonly string[] };
  readonly nickname?: string | null;
}

const defaults: Settings = { theme: "light", fontSize: 14, mail: { weekly: true, tags: [] } };

let database: ReturnType<typeof open>;
let kv: KVNamespace;
let calls: string[];

beforeEach(() => {
  database = open(":memory:", { clock: new FakeClock() });
  calls = [];
  kv = countedBinding(database.namespace("preferences"), calls);
});
afterEach(() => database.close());

async function requestsOf(work: () => Promise<unknown>): Promise<string[]> {
  calls.length = 0;
  await work();
  return [...calls];
}

/** Accepts the listed themes, and font sizes from 8. */
function schemaOf(themes: readonly string[]): StandardSchemaV1<unknown, Settings> {
  return {
    "~standard": {
      version: 1,
      vendor: "test",
      validate(value) {
        const { theme, fontSize } = value as Settings;
        const issues = [
          ...(themes.includes(theme) ? [] : [{ message: `no theme ${theme}`, path: ["theme"] }]),
          ...(fontSize >= 8 ? [] : [{ message: "too small", path: [{ key: "fontSize" }] }]),
        ];
        return issues.length > 0 ? { issues } : { value: value as Settings };
      },
    },
  };
}

describe.each(["atomic", "best-effort"] as const)("preferences, %s", (guarantee) => {
  const on = (options: Partial<PreferencesOptions<Settings>> = {}) =>
    preferences<Settings>(guarantee === "atomic" ? kv : plainBinding(kv), { defaults, ...options });
  const preferred = async (userId: string, options: Partial<PreferencesOptions<Settings>> = {}) =>
    (await on(options).get(userId)).value;

  test("say what they guarantee", () => {
    expect(on().guarantee).toBe(guarantee);
  });

  test("are the defaults until somebody chooses, and then are theirs alone", async () => {
    expect(await on().get("ada")).toEqual({ value: defaults, version: null, source: "store" });
    const { value } = await on().patch("ada", { theme: "dark", mail: { weekly: false } });
    expect(value).toEqual({ theme: "dark", fontSize: 14, mail: { weekly: false, tags: [] } });
    expect(await preferred("ada")).toEqual(value);
    expect(await preferred("bob")).toEqual(defaults);
  });

  test("follow new defaults where nothing was chosen", async () => {
    await on().patch("ada", { mail: { weekly: true } });
    const newer = { ...defaults, theme: "blue", mail: { weekly: false, tags: ["news"] } };
    expect(await preferred("ada", { defaults: newer })).toEqual({
      ...newer,
      mail: { weekly: true, tags: ["news"] },
    });
  });

  test("go back to the default where a patch says null, and may be null where they are set so", async () => {
    await on().patch("ada", { theme: "dark", fontSize: 20 });
    expect(await on().patch("ada", { theme: null })).toMatchObject({
      value: { theme: "light", fontSize: 20 },
    });
    await on().set("ada", { nickname: null });
    expect(await preferred("ada")).toEqual({ ...defaults, nickname: null });
  });

  test("are replaced whole, and reset at a path or whole", async () => {
    await on().patch("ada", { theme: "dark" });
    expect(await on().set("ada", { fontSize: 9, mail: { weekly: false, tags: ["a"] } })).toMatchObject({
      value: { theme: "light", fontSize: 9, mail: { weekly: false, tags: ["a"] } },
    });
    expect(await on().reset("ada", ["mail", "weekly"])).toMatchObject({
      value: { fontSize: 9, mail: { weekly: true, tags: ["a"] } },
    });
    expect(await on().reset("ada")).toEqual({ value: defaults, version: null, source: "store" });
    expect(await on().get("ada")).toEqual({ value: defaults, version: null, source: "store" });
  });

  test("change nobody's defaults through a value that was handed out", async () => {
    const settings = on();
    const { value } = await settings.get("ada");
    (value.mail.tags as string[]).push("mine");
    expect(await settings.get("ada")).toMatchObject({ value: defaults });
  });

  test("are refused, and stay, where the schema does not take them", async () => {
    const schema = schemaOf(["light", "dark"]);
    await on({ schema }).patch("ada", { theme: "dark" });
    for (const write of [
      on({ schema }).patch("ada", { theme: "pink" }),
      on({ schema }).set("ada", { theme: "pink" }),
    ]) {
      await expect(write).rejects.toMatchObject({
        code: "value_invalid",
        message: expect.stringContaining("theme: no theme pink"),
      });
    }
    expect(await preferred("ada", { schema })).toMatchObject({ theme: "dark" });
  });

  test("that a newer schema does not take count as not chosen, and do not stand in the way of others", async () => {
    await on().set("ada", { theme: "pink", fontSize: 20 });
    const schema = schemaOf(["light", "dark"]);
    expect(await preferred("ada", { schema })).toEqual({ ...defaults, fontSize: 20 });
    expect(await on({ schema }).patch("ada", { mail: { weekly: false } })).toMatchObject({
      value: { theme: "light", fontSize: 20, mail: { weekly: false } },
    });
    await on().set("bob", { theme: "pink", fontSize: 1 });
    expect(await preferred("bob", { schema })).toEqual(defaults);
  });

  test("take nothing that JSON would lose or that reaches into prototypes, before any request", async () => {
    const deep: Record<string, unknown> = {};
    deep["deep"] = deep;
    const bad: unknown[] = [
      undefined,
      null,
      [],
      "text",
      JSON.parse('{"__proto__":{"admin":true}}'),
      JSON.parse('{"mail":{"__proto__":{"admin":true}}}'),
      JSON.parse('{"mail":{"tags":[{"__proto__":1}]}}'),
      { fontSize: Number.NaN },
      { fontSize: 1n },
      { theme: () => "dark" },
      { theme: new Date() },
      { mail: new Map() },
      deep,
    ];
    expect(
      await requestsOf(async () => {
        for (const value of bad) {
          await expect(on().patch("ada", value as never)).rejects.toMatchObject({
            code: "value_invalid",
            hint: expect.any(String),
          });
          await expect(on().set("ada", value as never)).rejects.toMatchObject({ code: "value_invalid" });
          // Without the option there are no defaults.
          if (value === undefined) continue;
          expect(() => on({ defaults: value as never })).toThrow(
            expect.objectContaining({ code: "value_invalid" }),
          );
        }
        for (const userId of ["", undefined, 1]) {
          await expect(on().get(userId as string)).rejects.toMatchObject({ code: "option_invalid" });
        }
        for (const path of [[], [""], "theme"]) {
          await expect(on().reset("ada", path as string[])).rejects.toMatchObject({ code: "option_invalid" });
        }
      }),
    ).toEqual([]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  test("members that are undefined are as if they were not there", async () => {
    await on().patch("ada", { theme: "dark" });
    expect(await on().patch("ada", { theme: undefined, fontSize: 9 })).toMatchObject({
      value: { theme: "dark", fontSize: 9 },
    });
  });

  test("are not what another program wrote there", async () => {
    for (const text of ["", "[]", "null", "{"]) {
      await kv.put("preferences:ada", text);
      await expect(on().get("ada")).rejects.toMatchObject({ code: "value_not_json" });
    }
  });
});

describe("preferences with atomic operations", () => {
  const settings = () => preferences<Settings>(kv, { defaults });

  test("keep every one of many patches at the same moment", async () => {
    type Many = Record<string, number>;
    const names = Array.from({ length: 40 }, (_, at) => `name${at}`);
    await Promise.all(
      names.map((name, at) => preferences<Many>(kv, { defaults: {} }).patch("ada", { [name]: at })),
    );
    const { value } = await preferences<Many>(kv, { defaults: {} }).get("ada");
    expect(value).toEqual(Object.fromEntries(names.map((name, at) => [name, at])));
  });

  test("say their version, and change at that version only, where asked to", async () => {
    const first = await settings().patch("ada", { theme: "dark" }, { ifVersion: null });
    expect(await settings().get("ada")).toEqual(first);
    const second = await settings().set("ada", { theme: "blue" }, { ifVersion: first.version });
    expect(second.version).toBeGreaterThan(first.version as number);
    for (const ifVersion of [first.version, null]) {
      for (const write of [
        settings().patch("ada", { fontSize: 9 }, { ifVersion }),
        settings().set("ada", { fontSize: 9 }, { ifVersion }),
      ]) {
        await expect(write).rejects.toMatchObject({ code: "condition_failed" });
      }
    }
    expect(await settings().get("ada")).toEqual(second);
    const third = await settings().set("ada", { fontSize: 9 });
    expect(await settings().get("ada")).toEqual(third);
  });

  test("cost the requests that are documented", async () => {
    expect(await requestsOf(() => settings().get("ada"))).toEqual(["getWithMetadata"]);
    expect(await requestsOf(() => settings().patch("ada", { theme: "dark" }))).toEqual([
      "getWithMetadata",
      "put",
    ]);
    expect(await requestsOf(() => settings().set("ada", { theme: "dark" }))).toEqual(["commit"]);
    expect(await requestsOf(() => settings().reset("ada"))).toEqual(["delete"]);
    expect(await requestsOf(() => settings().reset("ada", ["theme"]))).toEqual(["getWithMetadata", "put"]);
  });
});

test("a condition on a plain binding is refused, for it would be ignored", async () => {
  const settings = preferences(plainBinding(kv), { defaults });
  for (const write of [
    settings.patch("ada", { theme: "dark" }, { ifVersion: 1 }),
    settings.set("ada", { theme: "dark" }, { ifVersion: null }),
  ]) {
    await expect(write).rejects.toMatchObject({ code: "atomics_required" });
  }
});

test("the types follow from the defaults and the binding", async () => {
  const settings = preferences(kv, { defaults: { theme: "light", mail: { weekly: true } } });
  expectTypeOf(settings.guarantee).toEqualTypeOf<"atomic">();
  expectTypeOf(preferences(plainBinding(kv), { defaults }).guarantee).toEqualTypeOf<Guarantee>();
  const { value } = await settings.patch("ada", { mail: { weekly: null } });
  expectTypeOf(value).toEqualTypeOf<{ theme: string; mail: { weekly: boolean } }>();
});
