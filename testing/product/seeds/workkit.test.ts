import * as client from "@kvasir/client";
import { type Database, FakeClock, type KVNamespace, open } from "@kvasir/store";
import { afterAll, beforeAll, expect } from "vitest";
import { codeBlocks } from "./lost-newlines.js";
import { type Outcome, ProgramScope } from "./program-scope.js";
import { describeSeed, printTable } from "./seed-table.js";

/**
 * Every program of the @workkit/kv guide, taken from the document and run in order, with the package's name
 * mapped to `@kvasir/client`. If the document is missing, `patterns.test.ts` covers the same things with
 * programs of our own.
 */

const DOCUMENT = { number: "004", system: "@workkit/kv", programs: 12 };

printTable();

describeSeed(DOCUMENT, ({ text, program }) => {
  const clock = new FakeClock();
  const outcomes: { declares: readonly string[]; code: string; outcome: Outcome }[] = [];
  const fetched: string[] = [];
  let database: Database;
  let env: Record<string, KVNamespace>;

  /** The outcome of the block that declares `name` or contains it. */
  const after = (name: string): Outcome => {
    const found =
      outcomes.find(({ declares }) => declares.includes(name)) ??
      outcomes.find(({ code }) => code.includes(name));
    if (found === undefined) throw new Error(`No block of the document has ${name}`);
    return found.outcome;
  };

  beforeAll(async () => {
    database = open(":memory:", { clock });
    env = new Proxy({}, { get: (_, title) => database.namespace(String(title)) });
    const { blocks, imports } = codeBlocks(text);
    const scope = new ProgramScope({
      ...Object.fromEntries(Object.entries(client).filter(([name]) => imports.includes(name))),
      env,
      Date: { now: () => clock.nowMs() },
      // The names that the document leaves to its reader.
      data: { some: "data" },
      fetchFromApi: async (endpoint: string) => {
        fetched.push(endpoint);
        return { from: endpoint };
      },
    });
    // The entries that the document's reads expect: a value, an entry with metadata, two of three users.
    const cache = client.kv(env["MY_KV"] as KVNamespace, { prefix: "cache:" });
    await cache.put("key", { any: "value" });
    await cache.put("alice", { name: "Alice" }, { metadata: { lastLogin: 1 } });
    await cache.put("bob", { name: "Bob" });
    await cache.put("old-key-1", {});
    await (env["USERS_KV"] as KVNamespace).put("my-key", "raw text");
    for (const block of blocks) outcomes.push({ ...block, outcome: await scope.run(block) });
  });
  afterAll(() => database.close());

  program("none fails but the one that says that it throws", async () => {
    const failures = outcomes.filter(({ outcome }) => outcome.error !== undefined);
    expect(failures.map(({ code }) => code.includes("assertValidTtl(30)"))).toEqual([true]);
    expect(failures[0]?.outcome.error).toBeInstanceOf(client.ValidationError);
    expect(outcomes.length).toBeGreaterThanOrEqual(15);
  });

  program("quick start: what was put is read, typed, and lives an hour", async () => {
    const { user, users } = after("users").scope;
    expect(user).toMatchObject({ id: "alice", name: "Alice", role: "admin" });
    expect(await (users as client.TypedKV<unknown>).listKeys()).toEqual([
      { name: "alice", expiration: clock.nowMs() / 1000 + 3600 },
    ]);
  });

  program("creating a client: the two clients are there", async () => {
    expect(after("store").scope["store"]).toMatchObject({
      get: expect.any(Function),
      list: expect.any(Function),
    });
  });

  program("get and put: values at any cacheTtl, metadata, and the last put's options", async () => {
    const { value, fresh, cached } = after("fresh").scope;
    expect([value, fresh, cached]).toEqual([{ any: "value" }, { any: "value" }, { any: "value" }]);
    expect(after("result").scope["result"]).toEqual({
      value: { name: "Alice" },
      metadata: { lastLogin: 1 },
      cacheStatus: null,
    });
  });

  program("has: false for what the block before deleted", async () => {
    expect(after("exists").scope["exists"]).toBe(false);
  });

  program("getMany: a Map of those that are there, which the loop prints", async () => {
    const { scope, printed } = after("results");
    expect([...(scope["results"] as Map<string, unknown>).keys()]).toEqual(["alice", "bob"]);
    expect(printed).toEqual([
      ["alice", "Alice"],
      ["bob", "Bob"],
    ]);
  });

  program(
    "putMany, deleteMany, list and listKeys: names without prefix, each with its own expiry",
    async () => {
      const now = clock.nowMs() / 1000;
      const expected = [
        ["alice", now + 3600],
        ["bob", now + 3600],
        ["permanent", now + 3600],
        ["temp", now + 60],
      ];
      const lines = expected.flatMap(([name, expiration]) => [[name], [expiration], [undefined]]);
      expect(after("console.log(entry.name)").printed).toEqual(lines);
      expect(after("allKeys").scope["allKeys"]).toEqual(
        expected.map(([name, expiration]) => ({ name, expiration })),
      );
    },
  );

  program("caching: the second call asks the cache, until five minutes are over", async () => {
    const getWithCache = after("getWithCache").scope["getWithCache"] as (
      endpoint: string,
    ) => Promise<unknown>;
    expect(await getWithCache("/a")).toEqual({ from: "/a" });
    expect(await getWithCache("/a")).toEqual({ from: "/a" });
    expect(fetched).toEqual(["/a"]);
    clock.advance(300_000);
    await getWithCache("/a");
    expect(fetched).toEqual(["/a", "/a"]);
  });

  program("sessions: created, found, destroyed; one that is left alone is gone after a day", async () => {
    const { session, sessionId, sessions } = after("sessions").scope;
    const store = sessions as client.TypedKV<unknown>;
    expect(session).toMatchObject({ userId: "user-123", role: "admin" });
    expect(await store.get(String(sessionId))).toBeNull();
    await store.put("left alone", session);
    clock.advance(86_399_000);
    expect(await store.exists("left alone")).toBe(true);
    clock.advance(1_000);
    expect(await store.exists("left alone")).toBe(false);
  });

  program("feature flags: off, allowed, and a rollout that is the same for a user each time", async () => {
    const { flags, isEnabled } = after("isEnabled").scope;
    const store = flags as client.TypedKV<unknown>;
    const enabled = isEnabled as (flag: string, userId: string) => Promise<boolean>;
    await store.put("off", { enabled: false, rolloutPercent: 100, allowlist: ["ada"] });
    await store.put("half", { enabled: true, rolloutPercent: 50, allowlist: ["ada"] });
    expect(await enabled("missing", "ada")).toBe(false);
    expect(await enabled("off", "ada")).toBe(false);
    expect(await enabled("half", "ada")).toBe(true);
    const users = Array.from({ length: 200 }, (_, index) => `user ${index}`);
    const rollout = () => Promise.all(users.map((user) => enabled("half", user)));
    const first = await rollout();
    expect(await rollout()).toEqual(first);
    expect(first.filter(Boolean).length).toBeGreaterThan(70);
    expect(first.filter(Boolean).length).toBeLessThan(130);
  });

  program("rate counter: counts, in numbers, stored as text", async () => {
    const increment = after("counters").scope["increment"] as (key: string) => Promise<unknown>;
    expect([await increment("ip"), await increment("ip"), await increment("ip")]).toEqual([1, 2, 3]);
    expect(await env["COUNTER_KV"]?.get("count:ip")).toBe("3");
  });

  program("key utilities and raw access do what their comments say", async () => {
    expect(after("bare").scope).toMatchObject({ full: "user:alice", bare: "alice" });
    expect(after("raw").scope).toMatchObject({ value: "raw text" });
  });
});
