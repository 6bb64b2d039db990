import type { KVNamespace } from "@kvasir/client";
import { open } from "@kvasir/store";
import { afterAll, describe, expect, test } from "vitest";
import { plainBinding } from "../../../../testing/harness/bindings.js";
import type { KVBinding } from "../typed/binding.js";
import { rateLimiter as expressLimiter, sessionMiddleware as expressSessions } from "./express/index.js";
import { rateLimiter, responseCache, sessionMiddleware } from "./hono/index.js";
import {
  cache,
  eventLog,
  experiment,
  flags,
  lock,
  preferences,
  rateLimit,
  SessionCookie,
  sessions,
} from "./index.js";
import { PREFERENCES_BYTES_MAX } from "./preferences/limits.js";

const database = open(":memory:");
afterAll(() => database.close());
const kv: KVNamespace = database.namespace("recipes");

type Made = (kv: KVBinding, options: object) => unknown;

const limit = { limit: 1, windowSeconds: 1 };
const RECIPES: Readonly<Record<string, Made>> = {
  cache: (kv, options) => cache(kv, { ttlSeconds: 1, ...options }),
  eventLog: (kv, options) => eventLog(kv, options),
  experiment: (kv, options) => experiment(kv, { name: "a", variants: { b: 1 }, ...options }),
  flags: (kv, options) => flags(kv, options),
  lock: (kv, options) => lock(kv, options),
  preferences: (kv, options) => preferences(kv, { defaults: {}, ...options }),
  rateLimit: (kv, options) => rateLimit(kv, { ...limit, ...options }),
  sessions: (kv, options) => sessions(kv, options),
};
const MIDDLEWARE: Readonly<Record<string, (options: object) => unknown>> = {
  "rateLimiter of Hono": (options) => rateLimiter(rateLimit(kv, limit), { key: () => "a", ...options }),
  "rateLimiter of Express": (options) => expressLimiter(rateLimit(kv, limit), { key: () => "a", ...options }),
  "sessionMiddleware of Hono": (options) => sessionMiddleware(sessions(kv), options),
  "sessionMiddleware of Express": (options) => expressSessions(sessions(kv), options),
  "a cookie": (options) => sessionMiddleware(sessions(kv), { cookie: options }),
  SessionCookie: (options) => new SessionCookie(options),
  "responseCache of Hono": (options) => responseCache(cache(kv, { ttlSeconds: 1 }), options),
};

describe.each(Object.entries(RECIPES))("%s", (name, make) => {
  test("with require: atomic refuses a plain binding at once", () => {
    const needs = { require: "atomic" };
    expect(() => make(plainBinding(kv), needs)).toThrow(
      expect.objectContaining({ code: "atomics_required" }),
    );
    expect(make(kv, needs)).toHaveProperty("guarantee", "atomic");
  });

  test("refuses another requirement", () => {
    expect(() => make(kv, { require: "atomics" })).toThrow(
      expect.objectContaining({ code: "option_invalid" }),
    );
  });

  test("refuses an unknown option and names the nearest one", () => {
    expect(() => make(kv, { prefixx: "a" })).toThrow(
      expect.objectContaining({
        code: "option_invalid",
        message: `${name} has no option "prefixx".`,
        hint: "Did you mean prefix?",
      }),
    );
    expect(() => make(kv, { zzzzzz: undefined })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("prefix, require, timeoutMs") }),
    );
  });
});

test.each(Object.entries(MIDDLEWARE))("%s refuses an unknown option", (_, make) => {
  expect(() => make({ zzzzzz: 1 })).toThrow(expect.objectContaining({ code: "option_invalid" }));
  make({});
});

test.each<[name: string, call: () => unknown]>([
  ["getOrSet", () => cache(kv, { ttlSeconds: 1 }).getOrSet("a", () => 1, { tag: [] } as object)],
  ["cached", () => cached({ ttl: 1 })],
  ["check", () => rateLimit(kv, limit).check("a", { costs: 1 } as object)],
  ["acquire", () => lock(kv).acquire("a", { wait: 1 } as object)],
])("%s refuses an unknown option", async (name, call) => {
  await expect(call()).rejects.toMatchObject({
    code: "option_invalid",
    message: expect.stringContaining(`${name} has no option`),
  });
});

test.each([undefined, null, 5, "a"])("options of %s are no options", (options) => {
  expect(() => rateLimit(kv, options as never)).toThrow(expect.objectContaining({ code: "option_invalid" }));
});

test("a cache and preferences work without options", async () => {
  const values = cache(kv);
  expect(await values.getOrSet("a", () => 1)).toBe(1);
  expect(await values.getOrSet("a", () => 2)).toBe(1);
  const settings = preferences(kv);
  await settings.patch("ada", { theme: "dark" });
  expect((await settings.get("ada")).value).toEqual({ theme: "dark" });
});

test("preferences are bounded", async () => {
  const settings = preferences(kv);
  const fits = { text: "a".repeat(PREFERENCES_BYTES_MAX - '{"text":""}'.length) };
  await settings.set("bob", fits);
  const tooLarge = { code: "value_too_large", hint: expect.any(String) };
  await expect(settings.set("bob", { text: `${fits.text}a` })).rejects.toMatchObject(tooLarge);
  await expect(settings.patch("bob", { more: true })).rejects.toMatchObject(tooLarge);
  expect((await settings.get("bob")).value).toEqual(fits);
});

function cached(options: object) {
  const pages = cache(kv, { ttlSeconds: 1 });
  return pages.cached(new Request("http://localhost/"), () => new Response("page"), options);
}
