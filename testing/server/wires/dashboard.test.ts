import { brotliDecompressSync } from "node:zlib";
import { connectAdmin } from "@kvasir/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ADMIN_TOKEN, bearer, openApi, type TestApi } from "../../harness/api.js";
import { sendPlain } from "../../harness/raw.js";

let api: TestApi;
beforeAll(async () => {
  api = await openApi({ auth: { mode: "tokens", adminToken: ADMIN_TOKEN } });
});
afterAll(() => api.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  sendPlain(api.server.port, { method: "GET", path, headers });
const page = async (headers = {}) => await api.fetch("/dashboard", { headers });

describe("the files of the dashboard", () => {
  test("the page is the same for each view, and needs no token", async () => {
    const text = await (await page()).text();
    expect(text).toContain('<div id="app">');
    for (const path of ["/dashboard/", "/dashboard/namespaces/x/keys/a%2Fb", "/dashboard/live?x=1"]) {
      const response = await api.fetch(path);
      expect([path, response.status, await response.text()]).toEqual([path, 200, text]);
    }
  });

  test("its policy allows no script in the page and no frame around it, and no site beside this one", async () => {
    const { headers } = await page();
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|data:|http/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-cache");
    // What the page loads is named by the hash of its content.
    const text = await (await page()).text();
    const links = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
    expect(links.length).toBeGreaterThanOrEqual(3);
    for (const path of links) {
      expect(path).toMatch(/^\/dashboard\/assets\/\w+-[\w-]{8}\.(js|css|svg)$/);
      const response = await api.fetch(path);
      expect(response.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(response.headers.get("content-security-policy")).toBe(policy);
    }
  });

  test("they are sent compressed to those that take it", async () => {
    const plain = await get("/dashboard");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const path = /src="([^"]+\.js)"/.exec(plain.body.toString())?.[1] ?? "";
    const request = (accepted: string) => get(path, { "Accept-Encoding": accepted });
    const whole = await request("gzip");
    const small = await request("gzip, deflate, br;q=0.5");
    expect(whole.headers["content-encoding"]).toBeUndefined();
    expect(small.headers["content-encoding"]).toBe("br");
    expect(small.headers["vary"]).toBe("Accept-Encoding");
    expect(brotliDecompressSync(small.body)).toEqual(whole.body);
    expect((await request("br;q=0")).headers["content-encoding"]).toBeUndefined();
  });

  test.each([
    "/dashboard/assets/none.js",
    "/dashboard/assets/..%2findex.html",
    "/dashboard/assets/%2e%2e/cli.js",
  ])("%s is not there", async (path) => {
    const { status } = await get(path);
    expect(status).toBe(404);
  });
});

describe("what the dashboard asks for, and other programs may", () => {
  const create = async (token: object) =>
    await connectAdmin({ url: api.url, token: ADMIN_TOKEN }).tokens.create(token as { scope: "read" });

  test("a token is told what it may do", async () => {
    const { token } = await create({ scope: "write", namespaces: [api.namespaceId] });
    const ask = async (headers: Record<string, string>) => await api.fetch("/kvasir/session", { headers });
    expect(await (await ask(bearer(token))).json()).toEqual({
      scope: "write",
      namespaces: [api.namespaceId],
    });
    expect(await (await ask(bearer(ADMIN_TOKEN))).json()).toEqual({ scope: "admin", namespaces: null });
    expect((await ask({})).status).toBe(401);
  });

  test("usage and changes of all namespaces, of which a bound token sees its own", async () => {
    const { id } = await api.database.catalog.create("other");
    const { token } = await create({ scope: "read", namespaces: [api.namespaceId] });
    const [main, other] = [api.namespaceId, id].map((one) => api.database.namespaceById(one));
    await main?.put("a", "12345");
    await other?.put("b", "1");
    const usage = async (of: string) =>
      ((await (await api.fetch("/kvasir/usage", { headers: bearer(of) })).json()) as { namespaces: unknown })
        .namespaces;
    expect(await usage(token)).toEqual([{ id: api.namespaceId, keys: 1, bytes: 6 }]);
    expect(await usage(ADMIN_TOKEN)).toHaveLength(2);

    const ending = new AbortController();
    const follow = async (of: string) => {
      const { body } = await api.fetch("/kvasir/events", { headers: bearer(of), signal: ending.signal });
      return (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    };
    const [bound, all] = [await follow(token), await follow(ADMIN_TOKEN)];
    await other?.put("c", "1");
    await main?.delete("a");
    const until = async (reader: ReadableStreamDefaultReader<string>, text: string) => {
      let read = "";
      while (!read.includes(text)) read += (await reader.read()).value ?? "";
      return read;
    };
    const seen = await until(all, '"key":"a"');
    expect(seen).toMatch(/event: put\ndata: {"namespace":"\w+","key":"c","version":\d+}/);
    expect(seen).toMatch(new RegExp(`event: delete\ndata: {"namespace":"${api.namespaceId}","key":"a"`));
    expect(await until(bound, '"key":"a"')).not.toContain('"c"');
    ending.abort();
  });
});
