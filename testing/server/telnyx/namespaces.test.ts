import { describe, expect, it } from "vitest";
import {
  bodyOf,
  errorOf,
  json,
  KVS,
  type PageMeta,
  put,
  startTelnyx,
  type WireNamespace,
} from "./telnyx-api.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const post = (body: unknown) => json(body, { method: "POST" });

describe("a namespace", () => {
  it("is created ready, with a UUID and times in milliseconds", async () => {
    const api = await startTelnyx();
    api.clock.advance(123);
    const response = await api.fetch(KVS, post({ name: "my-cache-2" }));
    expect(response.status).toBe(201);
    const now = new Date(api.clock.nowMs()).toISOString();
    const { data } = await bodyOf<WireNamespace>(response);
    expect(data).toEqual({
      record_type: "storage_kv",
      id: expect.stringMatching(UUID),
      name: "my-cache-2",
      status: "provision_ok",
      created_at: now,
      updated_at: now,
    });
    expect(now).toMatch(/\.\d{3}Z$/);
  });

  it("answers to its id with and without dashes, in either case", async () => {
    const api = await startTelnyx();
    for (const id of [api.id, api.namespaceId, api.id.toUpperCase(), api.namespaceId.toUpperCase()]) {
      const response = await api.fetch(`${KVS}/${id}`);
      expect((await bodyOf<WireNamespace>(response)).data.id, id).toBe(api.id);
    }
  });

  it("keeps the id that a config chose, a UUID or not", async () => {
    const api = await startTelnyx();
    const chosen = ["MY_KV", "kv-abc123", "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"];
    for (const id of chosen) await api.database.catalog.create(`title of ${id}`, { id });
    for (const id of chosen) {
      const { data } = await bodyOf<WireNamespace>(api.fetch(`${KVS}/${id}`));
      expect(data).toMatchObject({ id, name: `title of ${id}` });
      expect((await api.fetch(`${KVS}/${id}/keys/a`, put("1"))).status).toBe(201);
      expect(await api.database.namespaceById(id).get("a")).toBe("1");
    }
  });

  it("says that it is of envelopes, where it is", async () => {
    const api = await startTelnyx();
    const created = await api.fetch(KVS, post({ name: "gen-1", value_encoding: "envelope" }));
    expect((await bodyOf<WireNamespace>(created)).data).toMatchObject({
      name: "gen-1",
      value_encoding: "envelope",
    });
    const raw = await api.fetch(KVS, post({ name: "gen-3", value_encoding: "raw" }));
    expect((await bodyOf<WireNamespace>(raw)).data).not.toHaveProperty("value_encoding");
  });

  it("is deleted with its keys, reported as being deleted, and then not found", async () => {
    const api = await startTelnyx();
    await api.fetch(`${api.keys}/a`, put("1"));
    const response = await api.fetch(api.kv, { method: "DELETE" });
    expect(response.status).toBe(200);
    expect((await bodyOf<WireNamespace>(response)).data).toMatchObject({ id: api.id, status: "deleting" });
    for (const [path, init] of [
      [api.kv, {}],
      [api.kv, { method: "DELETE" }],
      [`${api.keys}/a`, {}],
      [`${api.keys}/a`, put("2")],
      [`${api.keys}/a`, { method: "DELETE" }],
      [api.keys, {}],
    ] as const) {
      const gone = await api.fetch(path, init);
      expect(gone.status, path).toBe(404);
      expect(await errorOf(gone)).toMatchObject({ code: "10005", source: { parameter: "id" } });
    }
  });

  it("is a conflict to delete or to write to while its deletion is under way", async () => {
    const api = await startTelnyx();
    // Keeps the deletion running as long as the other requests need.
    const { namespaces } = api.database.store;
    const reallyDelete = namespaces.delete;
    let finish = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    namespaces.delete = async (id) => {
      await held;
      await reallyDelete(id);
    };
    const first = api.fetch(api.kv, { method: "DELETE" });
    let status = "";
    while (status !== "deleting") status = (await bodyOf<WireNamespace>(api.fetch(api.kv))).data.status;

    const second = await api.fetch(api.kv, { method: "DELETE" });
    expect(second.status).toBe(409);
    expect((await errorOf(second)).code).toBe("10021");
    const write = await api.fetch(`${api.keys}/a`, put("1"));
    expect(write.status).toBe(409);
    expect((await errorOf(write)).detail).toBe("Namespace is not ready (status: deleting)");

    finish();
    expect((await first).status).toBe(200);
    expect((await api.fetch(api.kv)).status).toBe(404);
  });
});

describe("the list of namespaces", () => {
  it("has 20 of them on a page by default, in the order of their names", async () => {
    const api = await startTelnyx();
    for (let at = 23; at > 0; at--) await api.database.catalog.create(`n-${String(at).padStart(2, "0")}`);
    const { data, meta } = await bodyOf<WireNamespace[], PageMeta>(api.fetch(KVS));
    expect(data.map(({ name }) => name).slice(0, 3)).toEqual(["main", "n-01", "n-02"]);
    expect(data).toHaveLength(20);
    expect(meta).toEqual({ page_number: 1, page_size: 20, total_pages: 2, total_results: 25 });
    const last = await bodyOf<WireNamespace[], PageMeta>(api.fetch(`${KVS}?page[number]=2`));
    expect(last.data).toHaveLength(5);
    const past = await bodyOf<WireNamespace[], PageMeta>(
      api.fetch(`${KVS}?page%5Bnumber%5D=9&page%5Bsize%5D=10`),
    );
    expect(past).toEqual({
      data: [],
      meta: { page_number: 9, page_size: 10, total_pages: 3, total_results: 25 },
    });
  });

  it("takes a page size over 250 as 250", async () => {
    const api = await startTelnyx();
    const { meta } = await bodyOf<WireNamespace[], PageMeta>(api.fetch(`${KVS}?page[size]=100000`));
    expect(meta.page_size).toBe(250);
  });
});
