import { describe, expect, it } from "vitest";
import { sendPlain } from "../../harness/raw.js";
import { base64, bodyOf, type CursorMeta, put, startTelnyx, type WireKey } from "./telnyx-api.js";

describe("a raw value", () => {
  it("is created with 201, replaced with 200, both with empty bodies, and deleted with 204 again and again", async () => {
    const api = await startTelnyx();
    const key = `${api.keys}/a`;
    const statuses: number[] = [];
    for (const init of [put("1"), put("2"), { method: "DELETE" }, { method: "DELETE" }, put("3")]) {
      const response = await api.fetch(key, init);
      statuses.push(response.status);
      expect(await response.text()).toBe("");
    }
    expect(statuses).toEqual([201, 200, 204, 204, 201]);
    expect(await (await api.fetch(key)).text()).toBe("3");
  });

  it.each([
    ["application/json"],
    ["application/x-www-form-urlencoded"],
    ["text/html; charset=utf-8"],
    ["text/plain;charset=UTF-8"],
  ])("comes back as the %s that it was stored as", async (contentType) => {
    const api = await startTelnyx();
    await api.fetch(`${api.keys}/a`, put("x=1", { "Content-Type": contentType }));
    const response = await api.fetch(`${api.keys}/a`);
    expect(response.headers.get("content-type")).toBe(contentType);
    // The dashboard has the same origin: a stored page must not run there.
    expect(response.headers.get("content-security-policy")).toBe("sandbox");
  });

  it("is application/octet-stream where nothing was said", async () => {
    const api = await startTelnyx();
    await sendPlain(api.server.port, { method: "PUT", path: `${api.keys}/a`, body: "x" });
    const response = await api.fetch(`${api.keys}/a`);
    expect(response.headers.get("content-type")).toBe("application/octet-stream");
  });

  it("loses the content type of the value before it", async () => {
    const api = await startTelnyx();
    await api.fetch(`${api.keys}/a`, put("{}", { "Content-Type": "application/json" }));
    await sendPlain(api.server.port, { method: "PUT", path: `${api.keys}/a`, body: "x" });
    expect((await api.fetch(`${api.keys}/a`)).headers.get("content-type")).toBe("application/octet-stream");
  });

  it("is not interpreted, even where it looks like an envelope", async () => {
    const api = await startTelnyx();
    const body = JSON.stringify({ value: base64("x"), expiration_ttl: 60 });
    await api.fetch(`${api.keys}/a`, put(body, { "Content-Type": "application/json" }));
    expect(await (await api.fetch(`${api.keys}/a`)).text()).toBe(body);
    api.clock.advance(120_000);
    expect((await api.fetch(`${api.keys}/a`)).status).toBe(200);
  });

  it("may be empty", async () => {
    const api = await startTelnyx();
    expect((await api.fetch(`${api.keys}/a`, put(""))).status).toBe(201);
    const response = await api.fetch(`${api.keys}/a`);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });

  it("answers HEAD like GET, without the value", async () => {
    const api = await startTelnyx();
    await api.fetch(`${api.keys}/a`, put("12345", { "Content-Type": "text/plain" }));
    const response = await api.fetch(`${api.keys}/a`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-length")).toBe("5");
    expect(response.headers.get("content-type")).toBe("text/plain");
  });
});

describe("the key of a raw value", () => {
  it("is the same with slashes encoded and not, and keeps each of them", async () => {
    const api = await startTelnyx();
    const kv = api.database.namespaceById(api.namespaceId);
    for (const [path, key] of [
      ["user/123", "user/123"],
      ["user%2F123", "user/123"],
      ["a/b%2fc/d", "a/b/c/d"],
      ["keys/keys", "keys/keys"],
      ["trailing/", "trailing/"],
      ["/leading", "/leading"],
      ["two//slashes", "two//slashes"],
      ["%2F", "/"],
    ] as const) {
      const { port } = api.server;
      const body = `value of ${path}`;
      const written = await sendPlain(port, { method: "PUT", path: `${api.keys}/${path}`, body });
      expect([200, 201], path).toContain(written.status);
      expect(await kv.get(key), path).toBe(body);
      const read = await sendPlain(port, { method: "GET", path: `${api.keys}/${path}` });
      expect(read.body.toString(), path).toBe(body);
      expect((await sendPlain(port, { method: "DELETE", path: `${api.keys}/${path}` })).status).toBe(204);
      expect(await kv.get(key), path).toBeNull();
    }
  });

  it("takes every character of the pattern, and 256 of them", async () => {
    const api = await startTelnyx();
    for (const key of ["AZaz09-_/=.", "x".repeat(256), "=", "-", "..."]) {
      const response = await api.fetch(`${api.keys}/${encodeURIComponent(key)}`, put(key));
      expect(response.status, key).toBe(201);
    }
  });
});

describe("a value of the largest size", () => {
  const MIB = 1_048_576;

  it("is taken to the byte, declared and streamed", async () => {
    const api = await startTelnyx();
    const bytes = new Uint8Array(MIB).fill(7);
    expect((await api.fetch(`${api.keys}/declared`, put(bytes))).status).toBe(201);
    const streamed = { ...put(streamOf(MIB, 7)), duplex: "half" } as RequestInit;
    expect((await api.fetch(`${api.keys}/streamed`, streamed)).status).toBe(201);
    for (const key of ["declared", "streamed"]) {
      const read = await (await api.fetch(`${api.keys}/${key}`)).arrayBuffer();
      expect(Buffer.compare(new Uint8Array(read), bytes), key).toBe(0);
    }
  });

  it("is refused one byte later, and leaves what was there", async () => {
    const api = await startTelnyx();
    await api.fetch(`${api.keys}/a`, put("before"));
    const declared = await api.fetch(`${api.keys}/a`, put(new Uint8Array(MIB + 1)));
    expect(declared.status).toBe(413);
    const streamed = { ...put(streamOf(MIB + 1, 0)), duplex: "half" } as RequestInit;
    expect((await api.fetch(`${api.keys}/a`, streamed)).status).toBe(413);
    expect(await (await api.fetch(`${api.keys}/a`)).text()).toBe("before");
  });
});

describe("the list of a raw namespace", () => {
  it("names keys with size and time, never values", async () => {
    const api = await startTelnyx();
    await api.fetch(`${api.keys}/b`, put("12345"));
    api.clock.advance(1_500);
    await api.fetch(`${api.keys}/a`, put(""));
    const now = new Date(api.clock.nowMs()).toISOString();
    expect(await (await api.fetch(api.keys)).json()).toEqual({
      record_type: "storage_kv_key",
      data: [
        { key: "a", size_bytes: 0, updated_at: now },
        { key: "b", size_bytes: 5, updated_at: new Date(api.clock.nowMs() - 1_500).toISOString() },
      ],
      meta: { has_more: false },
    });
    expect((await api.fetch(`${api.keys}/?limit=1`)).status).toBe(200);
  });

  it("is no answer to a request for an empty key", async () => {
    const api = await startTelnyx();
    const response = await api.fetch(`${api.keys}/`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("Key name cannot be empty");
    expect((await api.fetch(`${api.keys.replace(api.id, "0".repeat(32))}/`)).status).toBe(404);
  });

  it("goes on from a cursor, which the last page has not", async () => {
    const api = await startTelnyx();
    const kv = api.database.namespaceById(api.namespaceId);
    for (const key of ["a/1", "a/2", "a/3", "b"]) await kv.put(key, "x");
    const first = await bodyOf<WireKey[], CursorMeta>(api.fetch(`${api.keys}?prefix=a%2F&limit=2`));
    expect(first.data.map(({ key }) => key)).toEqual(["a/1", "a/2"]);
    expect(first.meta).toEqual({ has_more: true, cursor: expect.any(String) });
    const { cursor } = first.meta;
    const last = await bodyOf<WireKey[], CursorMeta>(
      api.fetch(`${api.keys}?prefix=a%2F&limit=2&cursor=${cursor}`),
    );
    expect(last.data.map(({ key }) => key)).toEqual(["a/3"]);
    expect(last.meta).toEqual({ has_more: false });
  });

  it("takes a limit over 1000 as 1000, which is also the default", async () => {
    const api = await startTelnyx();
    const kv = api.database.namespaceById(api.namespaceId);
    await Promise.all(Array.from({ length: 1_001 }, (_, at) => kv.put(`k${at}`, "")));
    for (const query of ["", "?limit=1000", "?limit=1001", "?limit=99999999999999999999"]) {
      const { data, meta } = await bodyOf<WireKey[], CursorMeta>(api.fetch(`${api.keys}${query}`));
      expect(data, query).toHaveLength(1_000);
      expect(meta.has_more, query).toBe(true);
    }
  });
});

/** A body whose length is not declared. */
function streamOf(bytes: number, fill: number): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream({
    pull(controller) {
      const part = new Uint8Array(Math.min(left, 65_536)).fill(fill);
      left -= part.byteLength;
      controller.enqueue(part);
      if (left === 0) controller.close();
    },
  });
}
