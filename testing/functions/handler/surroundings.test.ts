import { FakeClock } from "@kvasir/store";
import { describe, expect, it, test } from "vitest";
import { startFunction } from "../../harness/start-function.js";

const manifest = (encoding = "", more = "") =>
  `${more}\n[edge_compute]\nfunc_name = "shop"\n[storage.kv.MY_CACHE]\nid = "0123456789abcdef0123456789abcdef"\n${encoding}\n[storage.kv.OTHER]\n[env_vars]\nGREETING = "hello"\n`;
const SHOWN = "01234567-89ab-cdef-0123-456789abcdef";
const project = (code: string, toml = manifest()) => ({ "func.toml": toml, "handler.js": code });
const inManifest = { paths: ["func.toml"] };

describe("a handler's surroundings", () => {
  it("are process.env, env and globals, all of the manifest, and no services of ours", async () => {
    const { text } = await startFunction(
      project(`export async function handler(request, context) {
        const { KV_MY_CACHE_ID, KV_OTHER_ID, GREETING, TELNYX_API_KEY } = process.env;
        return Response.json({ KV_MY_CACHE_ID, other: KV_OTHER_ID.length, GREETING, key: TELNYX_API_KEY === API_KEY,
          KV_NAMESPACE_ID, names: Object.keys(env).sort(), same: Object.keys(context).sort() });
      }`),
      inManifest,
    );
    const names = ["GREETING", "MY_CACHE", "OTHER"];
    expect(JSON.parse(await text())).toEqual({
      KV_MY_CACHE_ID: SHOWN,
      other: 36,
      GREETING: "hello",
      key: true,
      KV_NAMESPACE_ID: SHOWN,
      names,
      same: names,
    });
  });

  it("give way to the user's own names, and to the user's own API key", async () => {
    const { text } = await startFunction({
      ".env": "TELNYX_API_KEY=mine",
      "fn.js": `async function kvGet(key) { return "own " + key; }
        const KV_NAMESPACE_ID = "own";
        async function handler() { return Response.json([await kvGet("a"), KV_NAMESPACE_ID, API_KEY]); }`,
    });
    expect(JSON.parse(await text())).toEqual(["own a", "own", "mine"]);
  });

  it("may come from a file of the user's: its exports are globals", async () => {
    const { text } = await startFunction(
      {
        ...project(
          "async function handler(request) { return serve(request); }",
          manifest("", 'prelude = "ui.ts"'),
        ),
        "ui.ts": "export function serve(request: Request): Response { return new Response(request.method); }",
      },
      inManifest,
    );
    expect(await text()).toBe("GET");
  });

  it("have @telnyx/edge-runtime with its namespaces", async () => {
    const clock = new FakeClock();
    const { text, database } = await startFunction(
      project(`import { env } from "@telnyx/edge-runtime";
        export async function handler() {
          const kv = env.MY_CACHE;
          await kv.put("a", "1", { expirationTtl: 5.9, metadata: { dropped: true } });
          await kv.put("b", '{"x":1}', { expirationTtl: 0.5 });
          await kv.put("empty", "");
          await kv.delete("missing");
          const page = await kv.list({ limit: 2 });
          const rest = await kv.list({ cursor: page.cursor });
          const bad = await kv.put("a:b", "").catch((error) => error.message);
          return Response.json([await kv.get("a"), await kv.get("b", { type: "json" }), await kv.get("empty", { type: "json" }),
            await kv.get("missing"), page.keys[0], page.keys[0].updatedAt instanceof Date, page.list_complete,
            rest.keys.map((key) => key.name), rest.list_complete, "cursor" in rest, bad, env.GREETING]);
        }`),
      { ...inManifest, clock },
    );
    expect(JSON.parse(await text())).toEqual([
      "1",
      { x: 1 },
      null,
      null,
      { name: "a", sizeBytes: 1, updatedAt: new Date(clock.nowMs()).toISOString() },
      true,
      false,
      ["empty"],
      true,
      false,
      expect.stringMatching(/^KV put failed: 400 Invalid key name/),
      "hello",
    ]);
    const stored = database.namespaceById("0123456789abcdef0123456789abcdef");
    clock.advance(5_000);
    expect(await stored.get("a")).toBeNull();
    expect(await stored.get("b")).toBe('{"x":1}');
  });
});

describe("a namespace of @telnyx/edge-runtime", () => {
  it("can do what Kvasir adds to namespaces, where Telnyx has no such call", async () => {
    const { text } = await startFunction(
      project(`import { env as telnyx } from "@telnyx/edge-runtime";
        import { kv } from "@kvasir/client";
        export async function handler() {
          const own = telnyx.MY_CACHE;
          const [first, second] = [await own.put("a", "1", { ifAbsent: true }), await own.put("a", "2", { ifAbsent: true })];
          await own.put("kept", "x", { metadata: { n: 1 }, expirationTtl: 60 });
          await own.put("bytes", new Uint8Array([1, 2]));
          const { increment } = own;
          return Response.json([first.ok, second.ok, await own.increment("n", 2), await increment("n"), await own.count(),
            (await own.getWithMetadata("kept", { version: true })).metadata, [...new Uint8Array(await own.get("bytes", "arrayBuffer"))],
            [...(await own.get(["a", "missing"])).values()], (await own.list({ reverse: true })).keys[0].name,
            (await own.delete("a", { ifVersion: first.version })).ok,
            await Promise.all(["n", "kept"].map(own.delete, own)), await kv(own).has("bytes"), await env.MY_CACHE.count()]);
        }`),
      inManifest,
    );
    expect(JSON.parse(await text())).toEqual([
      true,
      false,
      2,
      3,
      4,
      { n: 1 },
      [1, 2],
      ["1", null],
      "n",
      true,
      [null, null],
      true,
      1,
    ]);
  });
});

describe("a Worker with Telnyx's manifest", () => {
  const app = `import { env as telnyx } from "@telnyx/edge-runtime";
    import { Hono } from "hono";
    const app = new Hono();
    app.get("/", async (c) => {
      await telnyx.MY_CACHE.put("a", "1", { expirationTtl: 2 });
      const response = await fetch("https://api.telnyx.com/v2/storage/kvs/" + process.env.KV_MY_CACHE_ID + "/keys/a");
      return c.json([await response.text(), await c.env.MY_CACHE.get("a"), Object.keys(c.env)]);
    });
    export default app;`;

  it("has @telnyx/edge-runtime and reaches the API", async () => {
    const { text } = await startFunction(project(app), { ...inManifest, nodeModules: true });
    expect(JSON.parse(await text())).toEqual(["1", "1", ["GREETING", "MY_CACHE", "OTHER"]]);
  });

  it("is told where to name its namespaces when it has another config", async () => {
    const files = { "wrangler.json": '{"main":"a.js"}', "a.js": app };
    const { text } = await startFunction(files, { paths: ["wrangler.json"], nodeModules: true });
    expect(await text()).toMatch(
      /a\.js:1:\d+: "@telnyx\/edge-runtime" is there for handlers, and for Workers with a func/,
    );
  });
});

describe("the helpers", () => {
  test.each([
    ["raw", "", "a/b"],
    ["envelope", 'value_encoding = "envelope"', "a:b"],
  ])("mean values, whatever form they travel in: %s", async (_form, encoding, key) => {
    const { text } = await startFunction(
      project(
        `export async function handler() {
          await kvPut("${key}", "{\\"value\\":\\"aGk=\\"}");
          return Response.json([await kvGet("${key}"), await kvList()]);
        }`,
        manifest(encoding),
      ),
      inManifest,
    );
    expect(JSON.parse(await text())).toEqual(['{"value":"aGk="}', [key]]);
  });

  it("say what failed, in the words of the documentation", async () => {
    const { text } = await startFunction(
      project(`export async function handler() {
        const failures = [() => kvPut("a:b", "x"), () => kvGet("a:b"), () => kvPut("a", "x", 0), () => kvGet("")];
        return Response.json(await Promise.all(failures.map((fail) => fail().then(() => "none", (error) => error.message))));
      }`),
      inManifest,
    );
    expect(JSON.parse(await text())).toEqual([
      "KV write error: 400",
      "KV read error: 400",
      "KV write error: 422",
      expect.stringMatching(/^A key must be a string/),
    ]);
  });

  it("return what is no wrapped value as it is, and keep it", async () => {
    const { text } = await startFunction(
      project(`export async function handler() {
        await kvPut("raw", "no wrapper");
        return Response.json([await kvGetWithExpiry("raw"), await kvGet("raw")]);
      }`),
      inManifest,
    );
    expect(JSON.parse(await text())).toEqual(["no wrapper", "no wrapper"]);
  });

  it("judge a wrapped value by its own time too, which the store may not know, and delete it when it is over", async () => {
    const { text, database } = await startFunction(
      project(`export async function handler() {
        return Response.json([await kvGetWithExpiry("over"), await kvGetWithExpiry("ahead")]);
      }`),
      inManifest,
    );
    const stored = database.namespaceById("0123456789abcdef0123456789abcdef");
    await stored.put("over", JSON.stringify({ value: "old", expires_at: Date.now() - 1_000 }));
    await stored.put("ahead", JSON.stringify({ value: "new", expires_at: Date.now() + 60_000 }));
    expect(JSON.parse(await text())).toEqual([null, "new"]);
    expect((await stored.list()).keys).toEqual([{ name: "ahead" }]);
  });

  it("forget what has expired", async () => {
    const clock = new FakeClock();
    const { text } = await startFunction(
      `async function handler(request) {
        if (request.url.endsWith("/put")) { await kvPutWithExpiry("k", { a: 1 }, 90); await kvPutWithTTL("t", "v", 1); }
        return Response.json([await kvGetWithExpiry("k"), await kvGet("t")]);
      }`,
      { clock },
    );
    expect(await text("/put")).toBe('[{"a":1},"v"]');
    clock.advance(1_000);
    expect(await text()).toBe('[{"a":1},null]');
    clock.advance(89_000);
    expect(await text()).toBe("[null,null]");
  });
});

describe("fetch to api.telnyx.com", () => {
  it("carries the official SDK, which needs no key", async () => {
    const { text } = await startFunction(
      {
        "fn.ts": `import Telnyx from "telnyx";
        const client = new Telnyx({ apiKey: process.env.TELNYX_API_KEY });
        export async function handler(request: Request): Promise<Response> {
          const id = process.env.KV_KV_ID as string;
          await client.storage.kvs.keys.update("user/1", "Ada", { id, ttl_secs: 60 } as never);
          const response = await client.storage.kvs.keys.retrieve("user/1", { id });
          return Response.json([await response.text(), await kvGet("user/1")]);
        }`,
      },
      { paths: ["fn.ts"], nodeModules: true },
    );
    expect(JSON.parse(await text())).toEqual(["Ada", "Ada"]);
  });

  const ask = `async function handler(request) {
    const { path, init } = await request.json();
    const response = await fetch("https://api.telnyx.com/v2/storage/kvs" + path.replace("ID", KV_NAMESPACE_ID), init);
    return Response.json([response.status, await response.text()]);
  }`;
  const asking =
    ({ url }: { url: string }) =>
    async (path: string, init: RequestInit = {}): Promise<[number, string]> =>
      (await fetch(url, { method: "POST", body: JSON.stringify({ path, init }) })).json() as Promise<
        [number, string]
      >;
  const json = (value: unknown) => ({
    method: "PUT",
    body: JSON.stringify(value),
    headers: { "Content-Type": "application/json" },
  });

  it("reaches the function's namespace; a lone file's answers each program in its own generation", async () => {
    const api = asking(await startFunction(ask));
    expect(await api("/ID/keys/a:b", json({ value: "aGk=", expiration_ttl: 60 }))).toEqual([201, ""]);
    expect(JSON.parse((await api("/ID/keys/a:b"))[1])).toEqual({
      data: { key: "a:b", value: "aGk=", expiration: expect.any(Number) },
    });
    expect(await api("/ID/keys/a:b", { method: "PUT", body: "raw" })).toEqual([200, ""]);
    expect(await api("/ID/keys/a:b")).toEqual([200, "raw"]);
    expect(await api("/ID/keys/j", json({ value: "no base64!" }))).toEqual([201, ""]);
    expect(await api("/ID/keys/j")).toEqual([200, '{"value":"no base64!"}']);
    expect((await api("/ID/keys/j", json({ value: "aGk=", expiration_ttl: 5 })))[0]).toBe(422);
    expect(JSON.parse((await api("/ID/keys"))[1]).meta).toEqual({ has_more: false });
    expect(JSON.parse((await api("/ID/keys?page[number]=1"))[1]).meta.total_results).toBe(2);
    expect((await api("/ID/keys/a:b", { method: "DELETE" }))[0]).toBe(204);
    expect((await api("/ID/keys/a:b"))[0]).toBe(404);
  });

  it("reaches no other namespace, whatever it says that it is", async () => {
    const running = await startFunction(ask);
    const api = asking(running);
    const other = await running.database.catalog.create("other");
    await running.database.namespaceById(other.id).put("key", "secret");
    for (const headers of [{}, { "Kvasir-Namespaces": other.id }, { "Kvasir-Namespace": other.id }]) {
      expect((await api(`/${other.id}/keys/key`, { headers }))[0]).toBe(403);
      expect((await api(`/${other.id}/keys/key`, { method: "PUT", body: "x", headers }))[0]).toBe(403);
    }
    expect((await api(""))[0]).toBe(404);
    expect((await api(`/${other.id}`, { method: "DELETE" }))[0]).toBeGreaterThanOrEqual(403);
    expect(await running.database.namespaceById(other.id).get("key")).toBe("secret");
  });
});

it("has Node's modules, whatever its wrangler config says of compatibility", async () => {
  const { text } = await startFunction(
    {
      "wrangler.json": '{"main":"a.js","compatibility_date":"2025-01-01"}',
      "a.js":
        'import { extname } from "node:path"; export const handler = (request) => new Response(extname("a.b") + process.env.KV_KV_ID.length);',
    },
    { paths: ["wrangler.json"] },
  );
  expect(await text()).toBe(".b36");
});

describe("what is wrong is said in one sentence", () => {
  test.each([
    [
      "a file of no known shape",
      { "fn.js": "export const x = 1;" },
      "fn.js",
      /fn\.js exports no function that Kvasir can run: write /,
    ],
    [
      "a missing export",
      { "fn.js": "export { handler } from './b';", "b.js": "export const x = 1;" },
      "fn.js",
      /No matching export in "b\.js" for import "handler"/,
    ],
    [
      "an export that is no function",
      { "fn.js": "module.exports = make(); function make() { return 5; }" },
      "fn.js",
      /The default export must be a function, not number: write /,
    ],
    [
      "a handler that returns nothing",
      { "fn.js": "async function handler(request) {}" },
      "fn.js",
      /handler\(\) did not return a Response but undefined/,
    ],
  ])("%s", async (_what, files, path, expected) => {
    const { ask } = await startFunction(files, { paths: [path] });
    const response = await ask("/");
    expect(response.status).toBe(500);
    expect(await response.text()).toMatch(expected);
  });

  test.each([
    ["ttl_unit", 'ttl_unit = "min"', /storage\.kv\.MY_CACHE\.ttl_unit must be "s" \(seconds\) or "ms"/],
    [
      "value_encoding",
      'value_encoding = "xml"',
      /storage\.kv\.MY_CACHE\.value_encoding must be "raw" or "envelope"/,
    ],
    ["TOML", "=", /func\.toml:\d+:\d+: this is not TOML/],
  ])("a bad func.toml: %s", async (_what, line, expected) => {
    await expect(
      startFunction(project("async function handler() {}", manifest(line)), inManifest),
    ).rejects.toThrow(expected);
  });

  it("a prelude that does not exist", async () => {
    const files = project("async function handler() {}", manifest("", 'prelude = "none.js"'));
    await expect(startFunction(files, inManifest)).rejects.toThrow(
      /func\.toml: prelude is .*none\.js, which does not exist/,
    );
  });
});
