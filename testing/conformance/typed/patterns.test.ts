import {
  assertKVBinding,
  assertValidTtl,
  kv,
  prefixKey,
  stripPrefix,
  validateKey,
  wrapKVError,
} from "@kvasir/client";
import { type Database, FakeClock, type KVNamespace, open } from "@kvasir/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collect } from "./collect.js";

/** The patterns that people write with a typed client, as programs of our own. */

const clock = new FakeClock();
let database: Database;
let env: { readonly KV: KVNamespace };

beforeEach(() => {
  database = open(":memory:", { clock });
  env = { KV: database.namespace("patterns") };
});
afterEach(() => database.close());

test("a cache answers what it was given until it is too old", async () => {
  const pages = kv<string>(env.KV, { prefix: "page:", defaultTtl: 120, serializer: "text" });
  let rendered = 0;
  const page = async (path: string) => {
    const known = await pages.get(path);
    if (known !== null) return known;
    const html = `<h1>${path} ${++rendered}</h1>`;
    await pages.put(path, html);
    return html;
  };
  expect([await page("/"), await page("/")]).toEqual(["<h1>/ 1</h1>", "<h1>/ 1</h1>"]);
  clock.advance(120_000);
  expect(await page("/")).toBe("<h1>/ 2</h1>");
});

test("a session is found until it is destroyed or a day is over", async () => {
  const sessions = kv<{ readonly user: string }>(env.KV, { prefix: "session:", defaultTtl: 86_400 });
  const signIn = async (user: string) => {
    const id = crypto.randomUUID();
    await sessions.put(id, { user }, { metadata: { since: clock.nowMs() } });
    return id;
  };
  const [ada, bob] = [await signIn("ada"), await signIn("bob")];
  expect(await sessions.get(ada)).toEqual({ user: "ada" });
  await sessions.delete(ada);
  expect(await sessions.has(ada)).toBe(false);
  expect((await collect(sessions.keys())).map(({ key }) => key)).toEqual([bob]);
  clock.advance(86_400_000);
  expect(await sessions.get(bob)).toBeNull();
});

test("a flag is on for those on its list", async () => {
  const flags = kv<{ readonly on: boolean; readonly only?: readonly string[] }>(env.KV, {
    prefix: "flag:",
    cacheTtl: 60,
  });
  const isOn = async (name: string, user: string) => {
    const flag = await flags.get(name);
    return flag?.on === true && (flag.only === undefined || flag.only.includes(user));
  };
  await flags.putMany([
    { key: "search", value: { on: true } },
    { key: "export", value: { on: true, only: ["ada"] } },
    { key: "import", value: { on: false } },
  ]);
  const forBob = await Promise.all(["search", "export", "import", "none"].map((name) => isOn(name, "bob")));
  expect(forBob).toEqual([true, false, false, false]);
  expect(await isOn("export", "ada")).toBe(true);
});

test("a counter in text counts in numbers", async () => {
  const counters = kv<number>(env.KV, { prefix: "count:", serializer: "text" });
  const hit = async (name: string) => {
    const next = ((await counters.get(name)) ?? 0) + 1;
    await counters.put(name, next);
    return next;
  };
  expect([await hit("a"), await hit("a"), await hit("b"), await hit("a")]).toEqual([1, 2, 1, 3]);
});

test("the checks and helpers serve code of one's own", async () => {
  assertKVBinding(env.KV);
  expect(() => assertKVBinding(undefined)).toThrow(/not found/);
  expect(() => assertValidTtl(59)).toThrow(/received 59/);
  expect(() => validateKey("")).toThrow(/non-empty/);
  expect(stripPrefix("a:", prefixKey("a:", "b"))).toBe("b");
  const read = env.KV.get("a", { cacheTtl: 1 });
  const wrapped = read.catch((error: unknown) => wrapKVError(error, { operation: "get", key: "a" }));
  await expect(wrapped).rejects.toMatchObject({ code: "WORKKIT_INTERNAL", context: { key: "a" } });
});
