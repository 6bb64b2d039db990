import { describe, expect, it } from "vitest";
import { base64, bodyOf, json, startTelnyx, type WireEntry } from "./telnyx-api.js";

const start = () => startTelnyx({ encoding: "envelope" });

describe("a value in an envelope", () => {
  it("is stored as the bytes that it means, and comes back in the same form", async () => {
    const api = await start();
    const key = `${api.keys}/user:123`;
    const written = await api.fetch(key, json({ value: base64("Grüße") }));
    expect(written.status).toBe(201);
    expect(await written.text()).toBe("");
    expect((await api.fetch(key, json({ value: base64("Grüße") }))).status).toBe(200);
    expect(await api.database.namespaceById(api.namespaceId).get("user:123")).toBe("Grüße");
    const read = await api.fetch(key);
    expect(read.headers.get("content-type")).toContain("application/json");
    expect(await read.json()).toEqual({ data: { key: "user:123", value: base64("Grüße") } });
  });

  it("brings metadata and expiration back, where there are some", async () => {
    const api = await start();
    const metadata = { role: "admin", n: [1, null] };
    const nowSeconds = Math.floor(api.clock.nowMs() / 1000);
    await api.fetch(`${api.keys}/a`, json({ value: "", expiration_ttl: 60, metadata }));
    expect((await bodyOf<WireEntry>(api.fetch(`${api.keys}/a`))).data).toEqual({
      key: "a",
      value: "",
      metadata,
      expiration: nowSeconds + 60,
    });
    await api.fetch(`${api.keys}/b`, json({ value: "", expiration: nowSeconds + 5 }));
    expect((await bodyOf<WireEntry>(api.fetch(`${api.keys}/b`))).data.expiration).toBe(nowSeconds + 5);
    await api.fetch(`${api.keys}/a`, json({ value: "", metadata: null, expiration_ttl: null }));
    expect((await bodyOf<WireEntry>(api.fetch(`${api.keys}/a`))).data).toEqual({ key: "a", value: "" });
  });

  it("may be any bytes, also large ones that other dialects stored", async () => {
    const api = await start();
    for (const length of [0, 1, 2, 3, 1_000, 131_072, 131_073, 1_048_576, 3_000_001]) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 31) % 256);
      await api.database.namespaceById(api.namespaceId).put("bytes", bytes);
      const response = await api.fetch(`${api.keys}/bytes`);
      const text = await response.text();
      expect(Number(response.headers.get("content-length")), String(length)).toBe(Buffer.byteLength(text));
      const read = Buffer.from(JSON.parse(text).data.value, "base64");
      expect(Buffer.compare(read, bytes), String(length)).toBe(0);
    }
  });

  it("takes 1 MiB of bytes whatever their base64 takes, with and without padding", async () => {
    const api = await start();
    const value = Buffer.alloc(1_048_576, 1).toString("base64");
    expect((await api.fetch(`${api.keys}/a`, json({ value }))).status).toBe(201);
    expect((await api.fetch(`${api.keys}/b`, json({ value: value.replaceAll("=", "") }))).status).toBe(201);
    const tooLarge = Buffer.alloc(1_048_577, 1).toString("base64");
    expect((await api.fetch(`${api.keys}/a`, json({ value: tooLarge }))).status).toBe(413);
    expect((await api.fetch(`${api.keys}/a`, json({ value: "A".repeat(3_000_000) }))).status).toBe(413);
  });

  it("is deleted with 204, again and again", async () => {
    const api = await start();
    await api.fetch(`${api.keys}/a`, json({ value: "" }));
    for (let time = 0; time < 2; time++) {
      expect((await api.fetch(`${api.keys}/a`, { method: "DELETE" })).status).toBe(204);
    }
    expect((await api.fetch(`${api.keys}/a`)).status).toBe(404);
  });

  it("expires by the clock", async () => {
    const api = await start();
    await api.fetch(`${api.keys}/a`, json({ value: "", expiration_ttl: 60 }));
    api.clock.advance(59_000);
    expect((await api.fetch(`${api.keys}/a`)).status).toBe(200);
    api.clock.advance(1_000);
    expect((await api.fetch(`${api.keys}/a`)).status).toBe(404);
  });
});
