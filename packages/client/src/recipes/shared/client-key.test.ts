import { open } from "@kvasir/store";
import { afterAll, expect, test } from "vitest";
import { cache, preferences, rateLimit } from "../index.js";
import { clientKeyParts, clientName, partsOfName } from "./client-key.js";
import { CLIENT_KEY_LENGTH_MAX } from "./limits.js";

const database = open(":memory:");
afterAll(() => database.close());
const kv = database.namespace("recipes");

/** Unusual inputs of clients. Each must have its own key. */
const ODD = [
  "a".repeat(CLIENT_KEY_LENGTH_MAX + 1),
  "a".repeat(10_000),
  "\ud800",
  "\ud801",
  "\0",
  "\0a",
  "a\nb",
  ":%:%3A",
  "..",
  ".",
  "\u{1f600}".repeat(300),
  "__proto__",
  `sha256:${"0".repeat(64)}`,
];

test("what fits is itself, all else its hash", async () => {
  expect(await clientKeyParts("ada:1")).toEqual(["ada:1"]);
  for (const text of ["", ...ODD.slice(0, 6)]) {
    const parts = await clientKeyParts(text);
    expect(parts).toEqual(["sha256", expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(partsOfName(await clientName(text))).toEqual(parts);
  }
});

test("a name that looks like a hash is not that hash", async () => {
  const long = "a".repeat(1_000);
  expect(await clientKeyParts(await clientName(long))).not.toEqual(await clientKeyParts(long));
});

test("a cache keeps whatever is asked for, each apart", async () => {
  const values = cache(kv);
  for (const [at, key] of ODD.entries()) expect(await values.getOrSet(key, () => at)).toBe(at);
  for (const [at, key] of ODD.entries()) expect(await values.getOrSet(key, () => "again")).toBe(at);
  for (const key of ODD) await values.delete(key);
  for (const key of ODD) expect(await values.getOrSet(key, () => "again")).toBe("again");
});

test("a long URL can be deleted", async () => {
  const pages = cache(kv);
  const url = `http://localhost/${"a".repeat(2_000)}`;
  const page = (text: string) => pages.cached(new Request(url), () => new Response(text));
  await page("old");
  await pages.delete(url);
  expect(await (await page("new")).text()).toBe("new");
});

test("preferences are kept for whatever is a user's id, each apart", async () => {
  const settings = preferences(kv);
  for (const [at, user] of ODD.entries()) await settings.patch(user, { at });
  for (const [at, user] of ODD.entries()) expect((await settings.get(user)).value).toEqual({ at });
});

test("a limiter counts whatever is a key, each apart", async () => {
  const limiter = rateLimit(kv, { limit: 1, windowSeconds: 3_600 });
  for (const key of ODD) expect((await limiter.check(key)).allowed).toBe(true);
  for (const key of ODD) expect((await limiter.check(key)).allowed).toBe(false);
});
