import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FakeClock } from "@kvasir/store";
import { expect } from "vitest";
import { startApi } from "../../harness/api.js";
import { NODE_MODULES } from "../../harness/checkout.js";
import { kvasirOk } from "../../harness/command.js";
import { runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { WRANGLER_REQUIREMENT, wrangler } from "../../harness/wrangler.js";
import { fencedBlocks } from "./fenced-blocks.js";
import { withLineBreaks } from "./one-line-code.js";
import { describeSeed } from "./seed-table.js";
import { snippetWorker } from "./snippet-worker.js";

const DAY_MS = 86_400_000;

describeSeed({ number: "003", system: "Workers KV", programs: 16 }, ({ text, program }) => {
  const blocks = fencedBlocks(text);
  const code = (has: string): string => {
    const found = blocks.find((block) => block.code.includes(has));
    if (found === undefined) throw new Error(`No block of the document has ${has}`);
    return withLineBreaks(found.code);
  };
  const config = () => blocks.find(({ language }) => language === "jsonc")?.code as string;
  /** A snippet with the namespaces that it uses and the entries that it expects there. */
  const snippet = (
    source: string,
    scope: Readonly<Record<string, unknown>> = {},
    clock = new FakeClock(Date.now()),
  ) => snippetWorker({ source, scope, clock, bindings: ["KV", "CACHE", "AUTH_TOKENS"] });

  const commands = [...text.matchAll(/wrangler kv namespace create MY_KV(?: --preview)?(?= )/g)].map(
    ([line]) => line.split(" ").slice(1),
  );

  program(
    "wrangler kv namespace create, against our server",
    async ({ skip }) => {
      if (!WRANGLER_REQUIREMENT.met) skip(`needs ${WRANGLER_REQUIREMENT.name}`);
      const api = await startApi({});
      const cli = wrangler({ url: api.url, token: "any" });
      expect(commands).toHaveLength(2);
      for (const command of commands) expect(await cli.ok(...command)).toMatch(/"?(?:preview_)?id"?\s*[:=]/);
      const { namespaces } = await api.database.catalog.list({ order: "title" });
      expect(namespaces.map(({ title }) => title)).toEqual(
        expect.arrayContaining(["MY_KV", "MY_KV_preview"]),
      );
    },
    240_000,
  );

  program("kvasir kv namespace create, the same commands", async () => {
    const cwd = temporaryDirectory();
    for (const command of commands) await kvasirOk(command, { cwd });
    const listed = JSON.parse(await kvasirOk(["kv", "namespace", "list", "--json"], { cwd }));
    const titles = (Array.isArray(listed) ? listed : listed.namespaces).map(
      ({ title }: { title: string }) => title,
    );
    expect(titles.sort()).toEqual(["MY_KV", "MY_KV_preview"]);
  });

  program("quick reference", async () => {
    const examples = [...text.matchAll(/\| `(await env\.KV\.[^`]+)` \|/g)].map(([, example = ""]) => example);
    expect(examples).toHaveLength(5);
    const source = examples.map((example, at) => `const r${at} = ${example}`).join("\n");
    const { results, close } = await snippet(source);
    const { r0, r1, r2, r3, r4 } = await results({ KV: { "user:123": "Ada", key: '"before"' } });
    await close();
    expect(r0).toBe("Ada");
    expect(r1).toMatchObject({ value: "before", metadata: null });
    expect([r2, r3]).toEqual([undefined, undefined]);
    expect(r4).toMatchObject({ keys: [{ name: "user:123" }], list_complete: true });
  });

  program("value types", async () => {
    const reads = code("auto-parse").replaceAll(/await (env\.KV\.get\([^)]*\))/g, "results.push(await $1)");
    const unchanged = await snippet(code("auto-parse"));
    const entries = { KV: { key: "text", "user:123": '{"a":1}', image: "bytes", "large-file": "streamed" } };
    await unchanged.results(entries);
    await unchanged.close();
    // The document discards what it reads. Here it is kept, so that the test can check it.
    const { results, close } = await snippet(`const results = []\n${reads}`);
    expect((await results(entries))["results"]).toEqual(["text", { a: 1 }, "bytes", "streamed"]);
    await close();
  });

  program("wrangler.jsonc, with kvasir types", async () => {
    const cwd = temporaryDirectory();
    mkdirSync(join(cwd, "src"));
    writeFileSync(join(cwd, "wrangler.jsonc"), config());
    writeFileSync(join(cwd, "src/index.ts"), code("from 'hono'"));
    await kvasirOk(["types"], { cwd });
    const types = readFileSync(join(cwd, "worker-configuration.d.ts"), "utf8");
    expect(types).toMatch(/AUTH_TOKENS: \S*KVNamespace/);
    expect(types).toMatch(/CACHE: \S*KVNamespace/);
  });

  program(
    "wrangler types, on the same configuration",
    async ({ skip }) => {
      if (!WRANGLER_REQUIREMENT.met) skip(`needs ${WRANGLER_REQUIREMENT.name}`);
      const api = await startApi({});
      const cli = wrangler({ url: api.url, token: "any" });
      mkdirSync(join(cli.directory, "src"));
      cli.file("wrangler.jsonc", config());
      cli.file("src/index.ts", code("from 'hono'"));
      const [command = ""] = blocks
        .filter((block) => block.code === "wrangler types")
        .map((block) => block.code);
      await cli.ok(...command.split(" ").slice(1));
      const types = readFileSync(join(cli.directory, "worker-configuration.d.ts"), "utf8");
      expect(types).toContain("AUTH_TOKENS: KVNamespace");
    },
    240_000,
  );

  program("session authentication with Hono", async () => {
    const project = new Project({ "wrangler.jsonc": config(), "src/index.ts": code("from 'hono'") });
    symlinkSync(NODE_MODULES, join(project.root, "node_modules"));
    const clock = new FakeClock(Date.now());
    const running = await runFunctions([project.root], { clock });
    try {
      const ask = async (headers: Record<string, string> = {}) => {
        const response = await fetch(running.functions.url, { headers });
        return {
          status: response.status,
          cors: response.headers.get("Access-Control-Allow-Origin"),
          ...((await response.json()) as object),
        };
      };
      expect(await ask()).toMatchObject({
        status: 403,
        cors: "*",
        message: "No authentication token provided",
      });
      expect(await ask({ Authorization: "Bearer no" })).toMatchObject({
        message: "Invalid or expired token",
      });
      const tokens = running.database.namespaceById("y".repeat(32));
      await tokens.put("t1", '{"userId":123}', { expirationTtl: 60 });
      const known = {
        status: 200,
        authenticated: true,
        message: "Authentication successful",
        data: { userId: 123 },
      };
      expect(await ask({ Authorization: "Bearer t1" })).toMatchObject(known);
      expect(await ask({ Cookie: "a=b; auth_token=t1; c=d" })).toMatchObject(known);
      clock.advance(60_000);
      expect(await ask({ Authorization: "Bearer t1" })).toMatchObject({ status: 403 });
      await tokens.put("bad", "no JSON");
      expect(await ask({ Authorization: "Bearer bad" })).toMatchObject({
        status: 500,
        message: "Internal server error",
      });
    } finally {
      await running.close();
      project.remove();
    }
  });

  program("storing a session token", async () => {
    const clock = new FakeClock(Date.now());
    const { results, namespace, close } = await snippet(code("Create token"), {}, clock);
    const { token } = await results();
    expect(await namespace("AUTH_TOKENS").get(String(token), "json")).toEqual({
      userId: 123,
      email: "user@example.com",
    });
    clock.advance(DAY_MS);
    expect(await namespace("AUTH_TOKENS").get(String(token))).toBeNull();
    await close();
  });

  program("time to live", async () => {
    const clock = new FakeClock(Date.now());
    const { results, namespace, close } = await snippet(code("promo:summer"), { data: "value" }, clock);
    await results();
    const present = async () => (await namespace("KV").list()).keys.map(({ name }) => name);
    expect(await present()).toEqual(["cache:api-response", "promo:summer"]);
    clock.advance(3_600_000);
    expect(await present()).toEqual(["promo:summer"]);
    clock.advance(DAY_MS);
    expect(await present()).toEqual([]);
    await close();
  });

  program("key naming conventions", async () => {
    const { results, close } = await snippet(code("config:feature:new"));
    const names = ["user:1", "user:2", "session:abc123"];
    const { keys } = await results({ KV: Object.fromEntries(names.map((name) => [name, ""])) });
    expect(keys).toEqual([{ name: "user:1" }, { name: "user:2" }]);
    await close();
  });

  program("metadata", async () => {
    const { results, events, close } = await snippet(code("verified"), { userData: '{"name":"Ada"}' });
    const { value, metadata } = await results();
    expect(value).toEqual({ name: "Ada" });
    expect(metadata).toEqual({ created: expect.any(Number), version: "v1", tags: ["premium", "verified"] });
    await events.next("log", /premium.*verified/);
    await close();
  });

  program("caching pattern", async () => {
    const clock = new FakeClock(Date.now());
    const { call, close } = await snippet(code("getCachedData"), {}, clock);
    const cached = () => call("getCachedData", ["a"]);
    expect([await cached(), await cached()]).toEqual([{ fetched: 1 }, { fetched: 1 }]);
    clock.advance(300_000);
    expect(await cached()).toEqual({ fetched: 2 });
    await close();
  });

  program("rate limiting", async () => {
    const clock = new FakeClock(Date.now());
    const { call, close } = await snippet(code("checkRateLimit"), {}, clock);
    const allowed = () => call("checkRateLimit", ["192.0.2.1"]);
    for (let at = 1; at <= 100; at++) expect(await allowed()).toBe(true);
    expect(await allowed()).toBe(false);
    expect(await call("checkRateLimit", ["192.0.2.2"])).toBe(true);
    clock.advance(60_000);
    expect(await allowed()).toBe(true);
    await close();
  });

  program("keys that are not found; eventual consistency", async () => {
    const missing = await snippet(code("Key not found"));
    expect(await missing.results()).toMatchObject({ value: null, userData: null, user: null });
    await missing.events.next("log", "Key not found");
    expect(await missing.results({ KV: { "user:123": '{"a":1}' } })).toMatchObject({ user: { a: 1 } });
    await missing.close();
    // The document allows an old value, but a read of Kvasir's own node is fresh.
    const counter = await snippet(code("propagate globally"));
    expect(await counter.results()).toMatchObject({ value: "1" });
    await counter.close();
  });

  program("size limits", async () => {
    const source = code("BUCKET");
    const mib = 1024 * 1024;
    const small = await snippet(source, { data: { repeat: 25 * mib } });
    await small.results();
    expect((await small.namespace("KV").get("small-file"))?.length).toBe(25 * mib);
    await small.close();
    // For larger values the document uses R2, which Kvasir does not have. The limits in its comments are
    // checked.
    const large = await snippet(source, { data: { repeat: 25 * mib + 1 } });
    await expect(large.results()).rejects.toThrow(/BUCKET|undefined/);
    await expect(large.namespace("KV").put("k".repeat(513), "")).rejects.toThrow(/512/);
    await expect(large.namespace("KV").put("k", "", { metadata: "m".repeat(1024) })).rejects.toThrow(/1024/);
    await large.close();
  });

  program("list pagination", async () => {
    const { results, namespace, close } = await snippet(code("allKeys"));
    const names = Array.from({ length: 2_345 }, (_, at) => `user:${String(at).padStart(4, "0")}`);
    await Promise.all([...names, "other"].map((name) => namespace("KV").put(name, "")));
    const { allKeys } = await results();
    expect(allKeys).toEqual(names);
    await close();
  });
});
