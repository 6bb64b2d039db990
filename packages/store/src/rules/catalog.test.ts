import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../database.js";
import { open } from "../open.js";

let database: Database;

beforeEach(() => {
  database = open(":memory:");
});
afterEach(() => database.close());

const code = (code: string) => expect.objectContaining({ code });

describe("Catalog", () => {
  test("creates with an id of 128 bits, finds by id and by title", async () => {
    const { catalog } = database;
    const made = await catalog.create("sessions", { attributes: { value_encoding: "raw" } });
    expect(made).toMatchObject({ title: "sessions", attributes: { value_encoding: "raw" } });
    expect(made.id).toMatch(/^[0-9a-f]{32}$/);
    expect(await catalog.get(made.id)).toEqual(made);
    expect(await catalog.find("sessions")).toEqual(made);
    expect(await catalog.get("other")).toBeNull();
    expect(await catalog.find("other")).toBeNull();
  });

  test("takes a title and an id once", async () => {
    const { catalog } = database;
    await catalog.create("a", { id: "id-1" });
    await expect(catalog.create("a")).rejects.toEqual(code("namespace_exists"));
    await expect(catalog.create("b", { id: "id-1" })).rejects.toEqual(code("namespace_exists"));
    await catalog.create("b", { id: "id-2" });
    await expect(catalog.rename("id-2", "a")).rejects.toEqual(code("namespace_exists"));
    expect(await catalog.rename("id-2", "b")).toMatchObject({ title: "b" });
  });

  test.each(["", "x".repeat(513)])("refuses the title %o", async (title) => {
    const { catalog } = database;
    await expect(catalog.create(title)).rejects.toEqual(code("title_invalid"));
    const { id } = await catalog.create("x".repeat(512));
    await expect(catalog.rename(id, title)).rejects.toEqual(code("title_invalid"));
  });

  test.each(["", ".", "..", "a/b", "a b", "ü", "x".repeat(65)])("refuses the id %o", async (id) => {
    await expect(database.catalog.create("title", { id })).rejects.toEqual(code("bad_request"));
  });

  test("what was deleted is gone with all that was in it, and its title is free", async () => {
    const { catalog } = database;
    await catalog.create("a", { id: "id-1" });
    await database.namespaceById("id-1").put("key", "value");
    await catalog.delete("id-1");
    expect(await catalog.get("id-1")).toBeNull();
    await expect(catalog.delete("id-1")).rejects.toEqual(code("namespace_not_found"));
    await expect(catalog.rename("id-1", "b")).rejects.toEqual(code("namespace_not_found"));
    await expect(database.namespaceById("id-1").get("key")).rejects.toEqual(code("namespace_not_found"));
    await catalog.create("a", { id: "id-1" });
    expect(await database.namespaceById("id-1").get("key")).toBeNull();
  });

  test("lists in order, page by page, and nothing past the end", async () => {
    const { catalog } = database;
    for (const [id, title] of [
      ["2", "a"],
      ["1", "c"],
      ["3", "b"],
    ] as const) {
      await catalog.create(title, { id });
    }
    const ids = async (options?: Parameters<typeof catalog.list>[0]) =>
      (await catalog.list(options)).namespaces.map(({ id }) => id).join("");
    expect(await ids()).toBe("123");
    expect(await ids({ direction: "desc" })).toBe("321");
    expect(await ids({ order: "title" })).toBe("231");
    expect(await ids({ order: "title", direction: "desc" })).toBe("132");
    expect(await ids({ page: 1, perPage: 2 })).toBe("12");
    expect(await ids({ page: 2, perPage: 2 })).toBe("3");
    expect(await catalog.list({ page: 3, perPage: 2 })).toEqual({ namespaces: [], total: 3 });
  });

  test("ensure: makes what is missing, keeps what is there, yields where the title is another's", async () => {
    const { catalog } = database;
    expect(await catalog.ensure("id-1", "cache")).toMatchObject({ id: "id-1", title: "cache" });
    expect(await catalog.ensure("id-1", "renamed since")).toMatchObject({ id: "id-1", title: "cache" });
    expect(await catalog.ensure("id-2", "cache")).toMatchObject({ id: "id-2", title: "cache (id-2)" });
    const long = "x".repeat(512);
    await catalog.create(long);
    expect((await catalog.ensure("id-3", long)).title).toHaveLength(512);
    // Both titles are taken.
    await catalog.create("cache (id-4)");
    expect((await catalog.ensure("id-4", "cache")).id).toBe("id-4");
  });

  test("ensure: of many at once all get the same namespace", async () => {
    const { catalog } = database;
    const byId = await Promise.all(Array.from({ length: 10 }, () => catalog.ensure("id-1", "one")));
    expect(new Set(byId.map(({ title }) => title))).toEqual(new Set(["one"]));
    const byTitle = await Promise.all(Array.from({ length: 10 }, () => catalog.ensureTitle("two")));
    expect(new Set(byTitle.map(({ id }) => id)).size).toBe(1);
    expect((await catalog.list()).total).toBe(2);
  });
});
