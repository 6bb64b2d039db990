import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FakeClock } from "@kvasir/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openServer, type TestServer } from "../../harness/api.js";
import { NODE_MODULES } from "../../harness/checkout.js";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";
import type { Step } from "./http-rules.js";

const WORKER = readFileSync(new URL("program.js", import.meta.url), "utf8");
const MIB = 1_048_576;

async function outcomes(running: Running, steps: readonly Step[], path = "/"): Promise<unknown[]> {
  const response = await fetch(running.functions.url + path, { method: "POST", body: JSON.stringify(steps) });
  return (await response.json()) as unknown[];
}

const url = (name: string) => `https://cache.example/${name}`;
const put = (name: string, body: string, rest: object = {}): Step => ({
  op: "put",
  url: url(name),
  response: { body, headers: { "cache-control": "max-age=100" } },
  ...rest,
});
const match = (name: string): Step => ({ op: "match", url: url(name) });
const body = (outcome: unknown) => (outcome as { body: string } | null)?.body ?? null;

describe("caches of functions", () => {
  let project: Project;
  let clock: FakeClock;
  let running: Running;

  const FUNCTIONS = {
    "steps.js": WORKER,
    "listener.js": `addEventListener("fetch", (event) => event.respondWith(
      caches.default.match("https://cache.example/shared").then((found) => found ?? new Response("none"))));`,
    "handling.js": `export async function handler(request) {
      return (await caches.default.match("https://cache.example/shared")) ?? new Response("none"); }`,
    "express.js": `module.exports = async (req, res) => {
      const found = await caches.default.match("https://cache.example/shared");
      res.send(found ? await found.text() : "none"); };`,
    "hono.js": `import { Hono } from "hono";
      import { cache } from "hono/cache";
      let calls = 0;
      const app = new Hono();
      app.get("*", cache({ cacheName: "pages", cacheControl: "max-age=60" }));
      app.get("/page", (c) => c.text("call " + ++calls));
      export default app;`,
    "broken-off.js": `export default { async fetch(request) {
      const cache = caches.default;
      const readable = new ReadableStream({
        pull(controller) {
          if (this.sent) throw new Error("broken off");
          this.sent = true;
          controller.enqueue(new TextEncoder().encode("x".repeat(200_000)));
        },
      });
      const headers = { "cache-control": "max-age=100" };
      const put = cache.put("https://cache.example/broken", new Response(readable, { headers }));
      const outcome = await put.then(() => "stored", (error) => error.message);
      const found = await cache.match("https://cache.example/broken");
      return new Response(outcome + ", " + (found === undefined ? "nothing there" : "something there"));
    } };`,
    "large.js": `export default { async fetch(request) {
      const part = new Uint8Array(1 << 20).fill(65);
      const parts = Number(new URL(request.url).searchParams.get("mib"));
      const { readable, writable } = new FixedLengthStream(parts << 20);
      const writing = (async () => {
        const writer = writable.getWriter();
        for (let at = 0; at < parts; at++) await writer.write(part);
        await writer.close();
      })().catch(() => {});
      const headers = { "cache-control": "max-age=100" };
      await caches.default.put(request.url, new Response(readable, { headers }));
      await writing;
      const found = await caches.default.match(request.url);
      let bytes = 0;
      for await (const chunk of found?.body ?? []) bytes += chunk.byteLength;
      return Response.json(bytes);
    } };`,
  };

  beforeAll(async () => {
    project = new Project(FUNCTIONS);
    symlinkSync(NODE_MODULES, join(project.root, "node_modules"));
    clock = new FakeClock(Date.now());
    running = await runFunctions(
      Object.keys(FUNCTIONS).map((name) => join(project.root, name)),
      { clock },
    );
  });
  afterAll(async () => {
    await running.close();
    project.remove();
  });

  const run = (...steps: Step[]) => outcomes(running, steps, "/steps/");

  it("are shared by functions of every kind", async () => {
    await run(put("shared", "the body"));
    for (const name of ["listener", "handling", "express"]) {
      expect([name, await running.text(`/${name}/`)]).toEqual([name, "the body"]);
    }
  });

  it("forget a response when its time is over", async () => {
    await run(put("timed", "the body"));
    clock.advance(99_999);
    expect((await run(match("timed"))).map(body)).toEqual(["the body"]);
    clock.advance(1);
    expect(await run(match("timed"))).toEqual([null]);
  });

  it("store nothing of a body that breaks off", async () => {
    expect(await running.text("/broken-off/")).toMatch(/, nothing there$/);
  });

  it("store a large body without holding it, and nothing that is too large", async () => {
    expect(await running.text("/large/?mib=40")).toBe(String(40 * MIB));
    expect(await running.text("/large/?mib=129")).toBe("0");
  });

  it("work with hono/cache", async () => {
    const first = await running.text("/hono/page");
    expect(first).toBe("call 1");
    // Its put goes on after the response.
    const repeats = async () => {
      const page = await running.text("/hono/page");
      return page === (await running.text("/hono/page"));
    };
    await expect.poll(repeats).toBe(true);
    expect(await running.text("/hono/page?other")).toMatch(/^call [2-9]/);
  });

  it("are no namespaces, and the API does not serve them", async () => {
    await run(put("hidden", "secret"));
    const { namespaces } = await running.database.catalog.list();
    expect(namespaces.map(({ id }) => id)).not.toContain("responses");
    for (const path of ["/hidden", "/kvasir/rate-limit"]) {
      const response = await fetch(running.api + path, {
        method: path === "/hidden" ? "GET" : "POST",
        headers: { "kvasir-cache-scheme": "https" },
      });
      expect([path, response.status]).toEqual([path, 404]);
    }
  });

  it("let go of a request that looks for them with headers of any size", async () => {
    const headers = { "x-large": "v".repeat(100_000) };
    expect(await run({ ...match("absent"), headers })).toEqual([null]);
    expect(await run(put("after", "still there"), match("after"))).toMatchObject(["done", { status: 200 }]);
  });
});

describe("a cache on disk", () => {
  let project: Project;
  let server: TestServer | undefined;
  let running: Running | undefined;
  beforeEach(() => {
    project = new Project({ "worker.js": WORKER });
  });
  afterEach(async () => {
    await stop();
    project.remove();
  });

  const directory = () => join(project.root, "transient");
  async function start(options: { readonly cacheBytesMax?: number; readonly clock?: FakeClock } = {}) {
    server = await openServer({ transientData: directory(), ...options });
    running = await runFunctions([join(project.root, "worker.js")], { server, clock: options.clock });
    return (...steps: Step[]) => outcomes(running as Running, steps);
  }
  async function stop(): Promise<void> {
    await running?.close();
    await server?.stop();
    running = undefined;
    server = undefined;
  }

  it("is there after a restart, with large bodies", async () => {
    const run = await start();
    await run(put("small", "small"), put("large", "x".repeat(300_000)));
    await stop();
    const again = await start();
    expect((await again(match("small"), match("large"))).map(body)).toEqual(["small", "x".repeat(300_000)]);
  });

  it("is shared by the processes on it", async () => {
    const run = await start();
    await run(put("a", "1"));
    const other = await openServer({ transientData: directory() });
    const functions = await runFunctions([join(project.root, "worker.js")], { server: other });
    expect((await outcomes(functions, [match("a"), put("a", "2")])).map(body)[0]).toBe("1");
    expect((await run(match("a"))).map(body)).toEqual(["2"]);
    await functions.close();
    await other.stop();
  });

  it("is opened by the first request that needs it", async () => {
    const run = await start();
    expect(readdirSync(project.root)).not.toContain("transient");
    await run(match("a"));
    expect(readdirSync(project.root)).toContain("transient");
  });

  it("begins empty where its files are damaged", async () => {
    const run = await start();
    await run(put("a", "1"));
    await stop();
    writeFileSync(join(directory(), "data.mdb"), "x".repeat(100_000));
    const again = await start();
    expect((await again(match("a"), put("a", "2"), match("a"))).map(body)).toEqual([null, null, "2"]);
  });

  it("drops the oldest responses when it is full, and none when one is replaced", async () => {
    const clock = new FakeClock(Date.now());
    const run = await start({ cacheBytesMax: 2 * MIB, clock });
    await run(put("first", "first"));
    clock.advance(1000);
    for (let round = 0; round < 40; round++) await run(put("replaced", "x".repeat(200_000)));
    expect((await run(match("first"))).map(body)).toEqual(["first"]);
    clock.advance(1000);
    for (let at = 0; at < 30; at++) {
      await run(put(`many${at}`, "x".repeat(100_000)));
      clock.advance(1000);
    }
    const found = await run(...["first", "replaced", "many0", "many29", "many28"].map(match));
    expect(found.map((outcome) => outcome !== null)).toEqual([false, false, false, true, true]);
    expect(await run(put("too-large", "x".repeat(MIB)), match("too-large"))).toEqual(["done", null]);
    // Expired and replaced responses still take space for a while.
    expect(statSync(join(directory(), "data.mdb")).size).toBeLessThan(8 * MIB);
  });
});

describe("rate limits", () => {
  const CONFIG = {
    name: "limits",
    main: "worker.js",
    ratelimits: [{ name: "HUNDRED", namespace_id: "1", simple: { limit: 100, period: 10 } }],
    unsafe: {
      bindings: [{ name: "OLD", type: "ratelimit", namespace_id: "2", simple: { limit: 1, period: 60 } }],
    },
    version_metadata: { binding: "VERSION" },
  };
  const HITTING = `export default { async fetch(request, env) {
    if (new URL(request.url).pathname === "/version") return Response.json(env.VERSION);
    const options = { key: "k" };
    const calls = Array.from({ length: 90 }, () => env.HUNDRED.limit(options));
    const admitted = (await Promise.all(calls)).filter(({ success }) => success).length;
    return Response.json({ admitted, old: await env.OLD.limit(options) });
  } };`;
  let project: Project;
  let clock: FakeClock;
  let servers: TestServer[];
  let running: Running;

  beforeAll(async () => {
    project = new Project({ "worker.js": HITTING, "wrangler.json": JSON.stringify(CONFIG) });
    // In the middle of a window of 60 s.
    clock = new FakeClock(1_800_000_000_000 + 25_000);
    const transientData = join(project.root, "transient");
    const server = await openServer({ transientData, clock });
    servers = [server, await openServer({ transientData, clock })];
    running = await runFunctions([project.root], {
      server,
      clock,
      processes: 2,
      endpoint: await Promise.all(servers.map(({ server }) => server.listenForFunctions())),
    });
  });
  afterAll(async () => {
    await running.close();
    for (const server of servers) await server.stop();
    project.remove();
  });

  const hit = async () => JSON.parse(await running.text()) as { admitted: number; old: { success: boolean } };

  it("are exact with many callers and processes, and begin again with each period", async () => {
    for (let round = 0; round < 2; round++) {
      const results = await Promise.all(Array.from({ length: 4 }, hit));
      expect(results.reduce((sum, { admitted }) => sum + admitted, 0)).toBe(100);
      const olds = results.filter(({ old }) => old.success).length;
      expect(olds).toBe(round === 0 ? 1 : 0);
      clock.advance(10_000);
      await clock.settled();
    }
  });

  it("come without a warning about `unsafe`", () => {
    expect(running.events.all.filter((event) => event.event === "log" && event.level === "warn")).toEqual([]);
  });

  it("leave version_metadata the same in all processes", async () => {
    const versions = await Promise.all(Array.from({ length: 8 }, () => running.text("/version")));
    expect(new Set(versions).size).toBe(1);
    const { id, tag, timestamp } = JSON.parse(versions[0] ?? "");
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    expect(tag).toBe("");
    expect(new Date(timestamp).toISOString()).toBe(timestamp);
  });
});
