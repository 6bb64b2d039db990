import { open } from "@kvasir/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { changeEntry } from "./change-entry.js";
import { CHANGE_ATTEMPTS_MAX } from "./limits.js";

const surroundings = { random: () => 0.5, sleep: async () => undefined };
let database: ReturnType<typeof open>;

beforeEach(() => {
  database = open(":memory:");
});
afterEach(() => database.close());

test("changes that overlap are all made", async () => {
  const kv = database.namespace("test");
  const append = (letter: string) =>
    changeEntry(
      kv,
      "word",
      (current) => ({ put: { value: (current?.value ?? "") + letter }, result: undefined }),
      surroundings,
    );
  await Promise.all([..."atomic"].map(append));
  expect([...((await kv.get("word")) ?? "")].sort().join("")).toBe([..."atomic"].sort().join(""));
});

test("nothing is written where nothing is to change", async () => {
  const kv = database.namespace("test");
  expect(await changeEntry(kv, "key", (current) => ({ result: current }), surroundings)).toBeNull();
  expect(await kv.count()).toBe(0);
});

test("it gives up when others always get in the way", async () => {
  const kv = database.namespace("test");
  let attempts = 0;
  const change = changeEntry(
    kv,
    "key",
    async () => {
      attempts++;
      await kv.put("key", "another's");
      return { put: { value: "mine" }, result: undefined };
    },
    surroundings,
  );
  await expect(change).rejects.toMatchObject({ code: "contended" });
  expect(attempts).toBe(CHANGE_ATTEMPTS_MAX);
  expect(await kv.get("key")).toBe("another's");
});
