import { request } from "node:http";
import { beforeEach, describe, expect, it } from "vitest";
import { startApi, type TestApi } from "../../harness/api.js";
import { sendPlain } from "../../harness/raw.js";

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
const kv = () => api.database.namespaceById(api.namespaceId);
const send = (
  method: string,
  path: string,
  options: { headers?: Record<string, string>; body?: string } = {},
) => sendPlain(api.server.port, { method, path: `${api.binding}${path}`, ...options });
const json = ({ body }: { body: Buffer }) => JSON.parse(body.toString());

describe("what workerd sends and reads", () => {
  it("decodes a key once, and leaves it raw where it is said not to be encoded", async () => {
    const keys = ["a/b", "100%", "a%20b", "bulk/get", "?#", "ö \u{1f600}", "a:b,[c]", "+"];
    for (const key of keys) await send("PUT", `/${encodeURIComponent(key)}?urlencoded=true`, { body: key });
    expect((await kv().list()).keys.map(({ name }) => name).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      const { body } = await send("GET", `/${encodeURIComponent(key)}?urlencoded=TRUE`);
      expect(body.toString()).toBe(key);
    }
    await send("PUT", "/a%20b?urlencoded=false", { body: "raw" });
    expect(await kv().get("a%20b")).toBe("raw");
  });

  it("carries metadata as raw UTF-8 in a header, both ways", async () => {
    for (const metadata of [{ a: "ö\u{1f600}\u007f" }, "s", 0, false, ""]) {
      const header = Buffer.from(JSON.stringify(metadata)).toString("latin1").replace("\x7f", "\\u007f");
      await send("PUT", "/key", { headers: { "CF-KV-Metadata": header }, body: "v" });
      expect((await kv().getWithMetadata("key")).metadata).toEqual(metadata);
      const { headers } = await send("GET", "/key");
      const text = Buffer.from(headers["cf-kv-metadata"] as string, "latin1").toString();
      expect(JSON.parse(text)).toEqual(metadata);
    }
    await send("PUT", "/key", { body: "v" });
    expect((await send("GET", "/key")).headers["cf-kv-metadata"]).toBeUndefined();
  });

  it("lets the TTL win over the expiration", async () => {
    const now = Math.floor(api.clock.nowMs() / 1000);
    expect((await send("PUT", "/key?expiration=5&expiration_ttl=60", { body: "v" })).status).toBe(200);
    expect((await send("GET", "/key")).headers["cf-expiration"]).toBe(String(now + 60));
  });

  it.each(["60abc", "1 day, 0:00:00", "60.5", "1e3", "0x60", "+60", "NaN", "Infinity", "", "9".repeat(16)])(
    'takes no "%s" for a whole number',
    async (text) => {
      const wrong = encodeURIComponent(text);
      for (const [method, path, code] of [
        ["PUT", `/key?expiration_ttl=${wrong}`, "expiration_invalid"],
        ["PUT", `/key?expiration=${wrong}`, "expiration_invalid"],
        ["GET", `/key?cache_ttl=${wrong}`, "cache_ttl_invalid"],
        ["GET", `/?key_count_limit=${wrong}`, "limit_invalid"],
      ] as const) {
        const response = await send(method, path, method === "PUT" ? { body: "v" } : {});
        expect([path, response.status, json(response).error.code]).toEqual([path, 400, code]);
        expect(json(response).error.message).toContain(`"${text}". Please specify an integer.`);
      }
      const bulk = await send("POST", "/bulk/get", { body: JSON.stringify({ keys: ["a"], cacheTtl: text }) });
      expect([bulk.status, json(bulk).error.code]).toEqual([400, "cache_ttl_invalid"]);
      expect((await kv().list()).keys).toEqual([]);
    },
  );

  it("answers a list only to what asks for one, and no list for an empty key", async () => {
    await kv().put("key", "value");
    for (const path of ["/", "/?urlencoded=true", "/?urlencoded=true&cache_ttl=60", "/?other=1"]) {
      const response = await send("GET", path);
      expect([path, response.status, json(response).error.code]).toEqual([path, 400, "key_invalid"]);
      expect(json(response).error.hint).toContain("/?prefix=");
    }
    const asking = ["", "/?prefix=", "/?key_count_limit=1", "/?cursor=", "/?values=true", "/?end=z"];
    for (const path of asking) expect(json(await send("GET", path)).keys).toHaveLength(1);
    const fromWorkerd = { "CF-KV-FLPROD-405": "https://fake-host" };
    expect(json(await send("GET", "/", { headers: fromWorkerd })).keys).toHaveLength(1);
    expect((await send("GET", "/?urlencoded=true", { headers: fromWorkerd })).status).toBe(400);
  });

  it("lists metadata as strings of JSON", async () => {
    await kv().put("a b", "v", { metadata: "s", expirationTtl: 60 });
    await kv().put("a+b", "v", { metadata: { n: 1 } });
    await kv().put("c", "v");
    const expiration = Math.floor(api.clock.nowMs() / 1000) + 60;
    expect(json(await send("GET", ""))).toEqual({
      keys: [
        { name: "a b", expiration, metadata: '"s"' },
        { name: "a+b", metadata: '{"n":1}' },
        { name: "c" },
      ],
      list_complete: true,
    });
    expect(json(await send("GET", "/?prefix=a+&key_count_limit=1")).keys).toHaveLength(1);
    const { cursor, list_complete } = json(await send("GET", "/?key_count_limit=2"));
    expect([list_complete, typeof cursor]).toEqual([false, "string"]);
    const rest = json(await send("GET", `/?cursor=${encodeURIComponent(cursor)}`));
    expect(rest).toEqual({ keys: [{ name: "c" }], list_complete: true });
  });

  it("reads in bulk with a cacheTtl that is a string, keeping integer-like keys in their place", async () => {
    for (const key of ["a", "1"]) await kv().put(key, "{}", { metadata: { key } });
    const ask = (fields: object) =>
      send("POST", "/bulk/get", {
        body: JSON.stringify({ keys: ["a", "1", "none"], cacheTtl: "60", ...fields }),
      });
    expect((await ask({})).body.toString()).toBe('{"a":"{}","1":"{}","none":null}');
    expect((await ask({ type: "json", withMetadata: true })).body.toString()).toBe(
      '{"a":{"value":{},"metadata":{"key":"a"}},"1":{"value":{},"metadata":{"key":"1"}},"none":null}',
    );
  });

  it("deletes what is not there without complaint, and says 404 for reading it", async () => {
    expect((await send("DELETE", "/none?urlencoded=true")).status).toBe(200);
    expect((await send("GET", "/none?urlencoded=true")).status).toBe(404);
  });

  it("puts the message in the reason phrase as printable ASCII of at most 512 characters", async () => {
    const { reason } = await send("POST", "/bulk/get", {
      body: JSON.stringify({ keys: ["a"], type: `\r\nSet-Cookie: ö${"x".repeat(1000)}` }),
    });
    expect(reason).toMatch(/^"\?\?Set-Cookie: \?x+$/);
    expect(reason).toHaveLength(512);
  });
});

describe("the endpoint for functions", () => {
  it("serves the namespace that a header names, and nothing else of the API", async () => {
    const endpoint = await api.server.listenForFunctions();
    expect(await api.server.listenForFunctions()).toEqual(endpoint);
    const { address, headers } = endpoint;
    const socketPath = address.replace("unix:", "");
    const ask = (path: string, method = "GET", body = "") =>
      new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
        const sent = request(
          { socketPath, path, method, headers: { ...headers, "Kvasir-Namespace": api.namespaceId } },
          async (response) => {
            let text = "";
            for await (const part of response) text += part;
            resolve({ status: response.statusCode, body: text });
          },
        );
        sent.on("error", reject);
        sent.end(body);
      });
    expect((await ask("/key?urlencoded=true", "PUT", "value")).status).toBe(200);
    expect(await ask("/key?urlencoded=true")).toEqual({ status: 200, body: "value" });
    expect(await kv().get("key")).toBe("value");
    expect((await ask("/healthz")).status).toBe(404);
    expect((await ask("/kvasir/tokens")).status).toBe(404);
    const { stat } = await import("node:fs/promises");
    const { dirname } = await import("node:path");
    expect((await stat(dirname(socketPath))).mode & 0o777).toBe(0o700);
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600);
  });
});

describe("extensions", () => {
  it("writes under conditions on the version", async () => {
    const first = await send("PUT", "/key", { headers: { "If-None-Match": "*" }, body: "1" });
    expect(first.status).toBe(200);
    const tag = first.headers.etag as string;
    expect((await send("GET", "/key")).headers.etag).toBe(tag);
    const again = await send("PUT", "/key", { headers: { "If-None-Match": "*" }, body: "2" });
    expect([again.status, again.headers.etag]).toEqual([412, tag]);
    const changed = await send("PUT", "/key", { headers: { "If-Match": tag }, body: "3" });
    expect(changed.status).toBe(200);
    expect((await send("DELETE", "/key", { headers: { "If-Match": tag } })).status).toBe(412);
    expect(await kv().get("key")).toBe("3");
    const current = changed.headers.etag as string;
    expect((await send("GET", "/key", { headers: { "If-None-Match": current } })).status).toBe(304);
    expect((await send("DELETE", "/key", { headers: { "If-Match": current } })).status).toBe(200);
  });

  it("counts, touches and commits", async () => {
    expect(json(await send("POST", "/n/increment"))).toMatchObject({ value: 1 });
    expect(json(await send("POST", "/n/increment", { body: '{"by":-3}' }))).toMatchObject({ value: -2 });
    const touched = json(await send("POST", "/n/touch", { body: '{"expirationTtl":60}' }));
    expect(touched).toEqual({ ok: true, version: expect.any(Number) });
    const commit = {
      checks: [
        { key: "n", version: touched.version },
        { key: "new", version: null },
      ],
      mutations: [
        { type: "put", key: "new", value: "/wA=", base64: true, metadata: { a: 1 }, expirationTtl: 60 },
        { type: "delete", key: "n" },
        { type: "increment", key: "m", by: 5 },
      ],
    };
    const body = JSON.stringify(commit);
    expect(json(await send("POST", "/bulk/atomic", { body }))).toEqual({
      ok: true,
      version: expect.any(Number),
    });
    expect((await send("POST", "/bulk/atomic", { body })).status).toBe(412);
    expect((await kv().list()).keys.map(({ name }) => name)).toEqual(["m", "new"]);
    expect((await kv().getWithMetadata("new")).metadata).toEqual({ a: 1 });
  });

  it("lists with values and versions, backwards, in a range; counts; deletes by prefix", async () => {
    for (const key of ["a", "b:1", "b:2", "c"]) await kv().put(key, `v"${key}`);
    const listed = json(await send("GET", "/?values=true&versions=true&reverse=true&start=b&end=c"));
    expect(listed.keys).toEqual([
      { name: "b:2", value: 'v"b:2', version: expect.any(Number) },
      { name: "b:1", value: 'v"b:1', version: expect.any(Number) },
    ]);
    expect(json(await send("GET", "/?count=true&prefix=b:"))).toEqual({ count: 2 });
    expect(json(await send("DELETE", "/?prefix=b:&dry_run=true"))).toEqual({ count: 2 });
    expect(json(await send("DELETE", "/?prefix=b:"))).toEqual({ count: 2 });
    expect(json(await send("DELETE", "/?all=true"))).toEqual({ count: 2 });
    expect((await kv().list()).keys).toEqual([]);
  });
});
