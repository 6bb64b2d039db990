import { describe, expect, it } from "vitest";
import { base64, bodyOf, json, put, startTelnyx, type WireKey, type WireNamespace } from "./telnyx-api.js";

describe("one entry in several dialects", () => {
  it("is the same bytes, written raw", async () => {
    const api = await startTelnyx();
    await api.fetch(`${api.keys}/a`, put("Ada", { "Content-Type": "text/plain" }));
    const cloudflare = await api.fetch(`${api.cloudflare}/values/a`);
    expect(await cloudflare.text()).toBe("Ada");
    expect(cloudflare.headers.get("content-type")).toBe("application/octet-stream");
    expect(await (await api.fetch(`${api.binding}/a`)).text()).toBe("Ada");
  });

  it("is the decoded bytes, written in an envelope, with the metadata and expiry of its own", async () => {
    const api = await startTelnyx({ encoding: "envelope" });
    const metadata = { role: "admin" };
    await api.fetch(`${api.keys}/user:1`, json({ value: base64("Ada"), expiration_ttl: 90, metadata }));
    expect(await (await api.fetch(`${api.cloudflare}/values/user%3A1`)).text()).toBe("Ada");
    const { result } = (await (await api.fetch(`${api.cloudflare}/keys`)).json()) as { result: unknown };
    const expiration = Math.floor(api.clock.nowMs() / 1000) + 90;
    expect(result).toEqual([{ name: "user:1", expiration, metadata }]);
  });

  it("is read and listed here whatever its key or size, and can be deleted", async () => {
    const api = await startTelnyx();
    const large = new Uint8Array(2_000_000).fill(9);
    const keys = ["user:1", "_system", "ключ", "a b", "x".repeat(400)];
    for (const key of keys) {
      await api.fetch(`${api.cloudflare}/values/${encodeURIComponent(key)}`, put(large));
    }
    const { data } = await bodyOf<WireKey[]>(api.fetch(api.keys));
    expect(data.map(({ key }) => key).sort()).toEqual([...keys].sort());
    for (const { size_bytes } of data) expect(size_bytes).toBe(large.byteLength);
    for (const key of keys) {
      const path = `${api.keys}/${encodeURIComponent(key)}`;
      const read = await api.fetch(path);
      expect(read.headers.get("content-type")).toBe("application/octet-stream");
      expect(Buffer.compare(new Uint8Array(await read.arrayBuffer()), large), key).toBe(0);
      expect((await api.fetch(path, { method: "DELETE" })).status).toBe(204);
    }
    expect((await bodyOf<unknown>(api.fetch(api.keys))).data).toEqual([]);
  });

  it("brings Cloudflare's metadata and expiration into the envelope", async () => {
    const api = await startTelnyx({ encoding: "envelope" });
    const form = new FormData();
    form.set("value", "Ada");
    form.set("metadata", '["any","JSON"]');
    await api.fetch(`${api.cloudflare}/values/a?expiration_ttl=60`, { method: "PUT", body: form });
    expect((await bodyOf<unknown>(api.fetch(`${api.keys}/a`))).data).toEqual({
      key: "a",
      value: base64("Ada"),
      metadata: ["any", "JSON"],
      expiration: Math.floor(api.clock.nowMs() / 1000) + 60,
    });
  });

  it("appears and goes in all of them at once", async () => {
    const api = await startTelnyx();
    await api.fetch(`${api.cloudflare}/values/a`, put("1"));
    expect((await api.fetch(`${api.keys}/a`, put("2"))).status).toBe(200);
    await api.fetch(`${api.cloudflare}/values/a`, { method: "DELETE" });
    expect((await api.fetch(`${api.keys}/a`)).status).toBe(404);
  });
});

it("shows a namespace of the Cloudflare dialect under its UUID, and deletes it", async () => {
  const api = await startTelnyx();
  const list = api.cloudflare.slice(0, api.cloudflare.lastIndexOf("/"));
  const created = await api.fetch(list, json({ title: "Any Title!" }, { method: "POST" }));
  const { id } = ((await created.json()) as { result: { id: string } }).result;
  const { data } = await bodyOf<WireNamespace>(api.fetch(`/v2/storage/kvs/${id}`));
  expect(data).toMatchObject({ name: "Any Title!", status: "provision_ok" });
  expect(data.id.replaceAll("-", "")).toBe(id);
  expect((await api.fetch(`/v2/storage/kvs/${data.id}`, { method: "DELETE" })).status).toBe(200);
  expect((await api.fetch(`${list}/${id}`)).status).toBe(404);
});
