import { beforeEach, describe, expect, it } from "vitest";
import { ACCOUNT, jsonOf, startApi, type TestApi } from "../../harness/api.js";
import { sendPlain } from "../../harness/raw.js";

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
const kv = () => api.database.namespaceById(api.namespaceId);
const json = (path: string, init?: RequestInit) => jsonOf(api.fetch(path, init));
const OK = { success: true, errors: [], messages: [] };

describe("values", () => {
  it("answers the bytes in no envelope, with the expiry as a header", async () => {
    await kv().put("key", "välue", { expirationTtl: 60 });
    const response = await api.fetch(`${api.cloudflare}/values/key`);
    expect(await response.text()).toBe("välue");
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
    expect(response.headers.get("expiration")).toBe(String(Math.floor(api.clock.nowMs() / 1000) + 60));
  });

  it.each([
    undefined,
    "text/plain",
    "application/json",
    "application/x-www-form-urlencoded",
    "no media type",
  ])("takes a body of type %s as the value itself", async (type) => {
    const body = 'a=1&b={"c":2}';
    const headers: Record<string, string> = type === undefined ? {} : { "Content-Type": type };
    const path = `${api.cloudflare}/values/key`;
    const { status } = await sendPlain(api.server.port, { method: "PUT", path, headers, body });
    expect(status).toBe(200);
    expect(await kv().get("key")).toBe(body);
  });

  it("replaces value, metadata and expiry together", async () => {
    await kv().put("key", "old", { expirationTtl: 60, metadata: 1 });
    const written = await json(`${api.cloudflare}/values/key`, { method: "PUT", body: "" });
    expect(written).toEqual({ ...OK, result: null });
    expect((await kv().list()).keys).toEqual([{ name: "key" }]);
    expect(await kv().getWithMetadata("key")).toMatchObject({ value: "", metadata: null });
  });

  it("reads a form in any order of its parts, with file names or without", async () => {
    for (const order of [
      ["value", "metadata"],
      ["metadata", "value"],
    ]) {
      const form = new FormData();
      for (const name of order) {
        if (name === "metadata") form.set("metadata", '{ "a" : [1] }');
        else form.set("value", new Blob([Uint8Array.of(0, 255, 13, 10)]), "file.bin");
      }
      await json(`${api.cloudflare}/values/key`, { method: "PUT", body: form });
      const { value, metadata } = await kv().getWithMetadata("key", "arrayBuffer");
      expect([...new Uint8Array(value as ArrayBuffer)]).toEqual([0, 255, 13, 10]);
      expect(metadata).toEqual({ a: [1] });
    }
  });

  it.each([
    ["TypeScript", { "metadata[plan]": "pro", "metadata[user][name]": "ada", "metadata[a.b]": "1" }],
    ["Go", { "metadata.plan": "pro", "metadata.user.name": "ada", "metadata.list.0": "x" }],
  ])("puts metadata together that Cloudflare's %s SDK sends in parts", async (language, fields) => {
    const form = new FormData();
    form.set("value", "v");
    for (const [name, text] of Object.entries(fields)) form.set(name, text);
    const written = await json(`${api.cloudflare}/values/parts`, { method: "PUT", body: form });
    expect(written.success).toBe(true);
    const { metadata } = await kv().getWithMetadata("parts");
    const rest = language === "Go" ? { list: ["x"] } : { "a.b": "1" };
    expect(metadata).toEqual({ plan: "pro", user: { name: "ada" }, ...rest });
  });

  it("takes integral decimals, as Cloudflare's Python SDK sends them", async () => {
    const written = await json(`${api.cloudflare}/values/ttl?expiration_ttl=300.0`, {
      method: "PUT",
      body: "v",
    });
    expect(written.success).toBe(true);
    const read = await api.fetch(`${api.cloudflare}/values/ttl`);
    expect(read.headers.get("expiration")).toMatch(/^\d+$/);
  });

  it("keeps a value of exactly 25 MiB, raw, in chunks and in a form", async () => {
    const value = new Uint8Array(26_214_400).fill(120);
    const form = new FormData();
    form.set("value", new Blob([value]));
    form.set("metadata", "1");
    const chunks = new ReadableStream({
      start(controller) {
        for (let at = 0; at < 100; at++) controller.enqueue(value.subarray(0, 262_144));
        controller.close();
      },
    });
    for (const init of [{ body: value }, { body: chunks, duplex: "half" }, { body: form }]) {
      const written = await json(`${api.cloudflare}/values/key`, { method: "PUT", ...init } as RequestInit);
      expect(written.success).toBe(true);
      const read = await (await api.fetch(`${api.cloudflare}/values/key`)).arrayBuffer();
      expect(Buffer.compare(Buffer.from(read), value)).toBe(0);
      await kv().delete("key");
    }
  });

  it.each(["raw", "form"])("refuses one byte more, streamed, and keeps what was there (%s)", async (kind) => {
    await kv().put("key", "kept");
    const head = '--edge\r\nContent-Disposition: form-data; name="value"\r\n\r\n';
    const chunks = new ReadableStream({
      start(controller) {
        if (kind === "form") controller.enqueue(Buffer.from(head));
        for (let at = 0; at < 100; at++) controller.enqueue(new Uint8Array(262_144));
        controller.enqueue(Buffer.from(kind === "form" ? "x\r\n--edge--\r\n" : "x"));
        controller.close();
      },
    });
    const headers: Record<string, string> =
      kind === "form" ? { "Content-Type": "multipart/form-data; boundary=edge" } : {};
    const init = { method: "PUT", body: chunks, duplex: "half", headers } as RequestInit;
    const response = await api.fetch(`${api.cloudflare}/values/key`, init);
    expect(response.status).toBe(413);
    expect((await jsonOf(response)).errors[0].message).toContain("26214401 exceeds limit of 26214400");
    expect(await kv().get("key")).toBe("kept");
  });

  it("answers the metadata alone as what it is", async () => {
    await kv().put("described", "v", { metadata: { a: ["ö", null] } });
    await kv().put("plain", "v");
    expect(await json(`${api.cloudflare}/metadata/described`)).toEqual({ ...OK, result: { a: ["ö", null] } });
    expect(await json(`${api.cloudflare}/metadata/plain`)).toEqual({ ...OK, result: null });
  });

  it("deletes what is not there without complaint", async () => {
    expect(await json(`${api.cloudflare}/values/none`, { method: "DELETE" })).toEqual({
      ...OK,
      result: null,
    });
  });

  it("answers HEAD like GET without the value, and OPTIONS with what is allowed", async () => {
    await kv().put("key", "value");
    await kv().put("large", "x".repeat(1_000_000));
    for (const [key, length] of [
      ["key", "5"],
      ["large", "1000000"],
    ]) {
      const head = await api.fetch(`${api.cloudflare}/values/${key}`, { method: "HEAD" });
      expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, length, ""]);
    }
    const options = await api.fetch(`${api.cloudflare}/values/key`, { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, PUT, DELETE, OPTIONS, HEAD"]);
  });
});

describe("keys", () => {
  it("pages in byte order until the cursor is empty", async () => {
    const names = ["a", "b", "\ufffd", "\u{1f600}"];
    for (const name of names) await kv().put(name, "v");
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await json(`${api.cloudflare}/keys?limit=3&cursor=${encodeURIComponent(cursor)}`);
      expect(page.result_info.count).toBe(page.result.length);
      seen.push(...page.result.map(({ name }: { name: string }) => name));
      cursor = page.result_info.cursor;
    } while (cursor !== "");
    expect(seen).toEqual(names);
  });

  it("shows metadata as JSON and decodes + in a prefix", async () => {
    await kv().put("a b", "v", { metadata: { n: 1 } });
    await kv().put("a+b", "v");
    expect((await json(`${api.cloudflare}/keys?prefix=a+`)).result).toEqual([
      { name: "a b", metadata: { n: 1 } },
    ]);
    expect((await json(`${api.cloudflare}/keys?prefix=a%2B`)).result).toEqual([{ name: "a+b" }]);
  });
});

describe("namespaces", () => {
  const list = `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces`;

  it("answers the object on creation, ignoring the jurisdiction", async () => {
    const body = JSON.stringify({ title: "eu", jurisdiction: "eu" });
    const created = await json(list, { method: "POST", body });
    const result = { id: expect.stringMatching(/^[0-9a-f]{32}$/), title: "eu", supports_url_encoding: true };
    expect(created).toEqual({ ...OK, result });
  });

  it("pages, sorts, and is empty past the end", async () => {
    for (const title of ["c", "a", "b"]) await api.database.catalog.create(title);
    const page = async (query: string) => {
      const { result, result_info } = await json(`${list}?order=title&${query}`);
      return [result.map(({ title }: { title: string }) => title), result_info];
    };
    const info = { per_page: 3, total_count: 4, total_pages: 2 };
    expect(await page("per_page=3")).toEqual([["a", "b", "c"], { ...info, count: 3, page: 1 }]);
    expect(await page("per_page=3&page=2")).toEqual([["main"], { ...info, count: 1, page: 2 }]);
    expect(await page("per_page=3&page=3")).toEqual([[], { ...info, count: 0, page: 3 }]);
    expect((await page("direction=desc"))[0]).toEqual(["main", "c", "b", "a"]);
  });
});

describe("bulk", () => {
  it("writes texts, base64, metadata and expiry; a later pair wins", async () => {
    const now = Math.floor(api.clock.nowMs() / 1000);
    const body = JSON.stringify([
      { key: "a", value: "lost" },
      { key: "a", value: "ä", metadata: { x: 1 }, expiration: now + 100 },
      { key: "b", value: "AP8=", base64: true, expiration: now + 100, expiration_ttl: 60 },
      { key: "c", value: "plain", base64: false, metadata: null },
    ]);
    const { result } = await json(`${api.cloudflare}/bulk`, { method: "PUT", body });
    expect(result).toEqual({ successful_key_count: 4, unsuccessful_keys: [] });
    expect((await kv().list()).keys).toEqual([
      { name: "a", expiration: now + 100, metadata: { x: 1 } },
      { name: "b", expiration: now + 60 },
      { name: "c" },
    ]);
    expect(await kv().get("a")).toBe("ä");
    expect([...new Uint8Array((await kv().get("b", "arrayBuffer")) as ArrayBuffer)]).toEqual([0, 255]);
  });

  it("parses a large body incrementally to the same end", async () => {
    const pairs = Array.from({ length: 3000 }, (_, at) => ({
      key: `k"${at}ö\\`,
      value: `${at} "\u{1f600}\n`.repeat(60),
      metadata: { at, deep: [{ x: [] }] },
    }));
    // Without a length, in pieces that split characters.
    const bytes = Buffer.from(JSON.stringify(pairs, null, 1));
    const body = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 65_537) controller.enqueue(bytes.subarray(at, at + 65_537));
        controller.close();
      },
    });
    const init = { method: "PUT", body, duplex: "half" } as RequestInit;
    expect((await json(`${api.cloudflare}/bulk`, init)).result.successful_key_count).toBe(3000);
    for (const at of [0, 1500, 2999]) {
      const { key, value, metadata } = pairs[at] as (typeof pairs)[number];
      expect(await kv().getWithMetadata(key)).toMatchObject({ value, metadata });
    }
    expect(await kv().count()).toBe(3000);
  });

  it("reads integer-like keys, missing keys and duplicates in the order asked for", async () => {
    for (const key of ["1", "b", "10"]) await kv().put(key, `v${key}`, { metadata: { key } });
    const body = JSON.stringify({ keys: ["b", "10", "none", "1", "b"] });
    const response = await api.fetch(`${api.cloudflare}/bulk/get`, { method: "POST", body });
    expect(await response.text()).toBe(
      '{"success":true,"errors":[],"messages":[],"result":{"values":{"b":"vb","10":"v10","none":null,"1":"v1"}}}',
    );
  });

  it("answers 25 MB of values and refuses more before it reads them", async () => {
    await kv().put("large", "\u0001".repeat(20_000_000));
    await kv().put("rest", "ö".repeat(3_107_200));
    const read = (keys: string[]) =>
      api.fetch(`${api.cloudflare}/bulk/get`, { method: "POST", body: JSON.stringify({ keys }) });
    const { result } = await jsonOf(read(["large", "rest"]));
    expect(result.values.large === "\u0001".repeat(20_000_000)).toBe(true);
    expect(result.values.rest === "ö".repeat(3_107_200)).toBe(true);
    await kv().put("one", "1");
    expect((await read(["large", "rest", "one"])).status).toBe(413);
  });
});
