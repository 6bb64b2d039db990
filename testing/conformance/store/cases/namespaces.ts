import type { NamespaceQuery } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import { input, NAMESPACE, type StoreUnderTest, useStore } from "../store-case.js";

export function namespaceCases(under: StoreUnderTest): void {
  describe("namespaces", () => {
    const opened = useStore(under);

    test("one is found by its id and by its title", async () => {
      const { store, clock } = opened();
      const created = await store.namespaces.create({ id: "id1", title: "Title", attributes: { kind: "x" } });
      expect(created).toEqual({
        id: "id1",
        title: "Title",
        createdMs: clock.nowMs(),
        modifiedMs: clock.nowMs(),
        attributes: { kind: "x" },
      });
      expect(await store.namespaces.get("id1")).toEqual(created);
      expect(await store.namespaces.find("Title")).toEqual(created);
      expect(await store.namespaces.get("id2")).toBeNull();
      expect(await store.namespaces.find("title")).toBeNull();
      const { namespaces, total } = await store.namespaces.list();
      expect(namespaces.map((namespace) => namespace.id).sort()).toEqual([NAMESPACE, "id1"].sort());
      expect(total).toBe(2);
    });

    test("they are listed in pages, by id or by title, in both directions", async () => {
      const { store } = opened();
      await store.namespaces.delete(NAMESPACE);
      for (const [id, title] of ["a:3", "b:2", "c:4", "d:1"].map((text) => text.split(":"))) {
        await store.namespaces.create({ id: id as string, title: title as string });
      }
      await store.namespaces.rename("c", "0");
      const ids = async (query: NamespaceQuery) => {
        const { namespaces, total } = await store.namespaces.list(query);
        expect(total).toBe(4);
        return namespaces.map(({ id }) => id).join("");
      };
      expect(await ids({})).toBe("abcd");
      expect(await ids({ direction: "desc" })).toBe("dcba");
      expect(await ids({ order: "title" })).toBe("cdba");
      expect(await ids({ order: "title", direction: "desc" })).toBe("abdc");
      expect(await ids({ offset: 1, limit: 2 })).toBe("bc");
      expect(await ids({ direction: "desc", offset: 1, limit: 2 })).toBe("cb");
      expect(await ids({ order: "title", offset: 3, limit: 2 })).toBe("a");
      expect(await ids({ offset: 4, limit: 2 })).toBe("");
    });

    test("the title of one that was renamed or deleted is free", async () => {
      const { store } = opened();
      await store.namespaces.create({ id: "id1", title: "One" });
      await store.namespaces.rename("id1", "Uno");
      await store.namespaces.create({ id: "id2", title: "One" });
      await store.namespaces.delete("id1");
      await store.namespaces.create({ id: "id3", title: "Uno" });
      expect(await store.namespaces.find("One")).toMatchObject({ id: "id2" });
      expect(await store.namespaces.find("Uno")).toMatchObject({ id: "id3" });
    });

    test("ids and titles are unique, also among those created at once", async () => {
      const { store } = opened();
      const outcomes = await Promise.allSettled([
        store.namespaces.create({ id: "id1", title: "Title 1" }),
        store.namespaces.create({ id: "id1", title: "Title 2" }),
        store.namespaces.create({ id: "id2", title: "Title 1" }),
      ]);
      expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "rejected"]);
      await expect(store.namespaces.create({ id: "id3", title: "Title 1" })).rejects.toMatchObject({
        code: "namespace_exists",
      });
    });

    test("one can be renamed, to its own title too, not to another's", async () => {
      const { store, clock } = opened();
      const created = await store.namespaces.create({ id: "id1", title: "One" });
      clock.advance(5);
      expect(await store.namespaces.rename("id1", "Uno")).toEqual({
        ...created,
        title: "Uno",
        modifiedMs: clock.nowMs(),
      });
      expect(await store.namespaces.find("One")).toBeNull();
      await store.namespaces.rename("id1", "Uno");
      await expect(store.namespaces.rename("id1", "Cases")).rejects.toMatchObject({
        code: "namespace_exists",
      });
      await expect(store.namespaces.rename("none", "Any")).rejects.toMatchObject({
        code: "namespace_not_found",
      });
    });

    test("a deleted one is gone at once with all its entries, and its id can be used again", async () => {
      const { store, put } = opened();
      await put("key", "value");
      await store.namespaces.delete(NAMESPACE);
      expect(await store.namespaces.get(NAMESPACE)).toBeNull();
      await expect(async () => store.entries.get(NAMESPACE, "key")).rejects.toMatchObject({
        code: "namespace_not_found",
      });
      await store.namespaces.create({ id: NAMESPACE, title: "Cases" });
      expect(await store.entries.get(NAMESPACE, "key")).toBeNull();
      expect(await store.entries.count(NAMESPACE, {})).toBe(0);
    });

    test("everything says namespace_not_found for one that is not there", async () => {
      const { store } = opened();
      const rejected = { code: "namespace_not_found" };
      await expect(async () => store.entries.get("none", "k")).rejects.toMatchObject(rejected);
      await expect(async () => store.entries.getMany("none", ["k"])).rejects.toMatchObject(rejected);
      await expect(async () => store.entries.list("none", { limit: 1 })).rejects.toMatchObject(rejected);
      await expect(store.entries.count("none", {})).rejects.toMatchObject(rejected);
      await expect(store.entries.put("none", "k", input(""))).rejects.toMatchObject(rejected);
      await expect(store.entries.delete("none", "k")).rejects.toMatchObject(rejected);
      await expect(store.entries.increment("none", "k", 1, null)).rejects.toMatchObject(rejected);
      await expect(store.entries.touch("none", "k", null)).rejects.toMatchObject(rejected);
      await expect(store.entries.commit("none", [], [])).rejects.toMatchObject(rejected);
      await expect(store.entries.writeMany("none", [{ type: "delete", key: "k" }])).rejects.toMatchObject(
        rejected,
      );
      await expect(store.namespaces.delete("none")).rejects.toMatchObject(rejected);
    });
  });
}
