import type { NamespaceQuery } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import { input, NAMESPACE, type StoreUnderTest, useStore } from "../store-case.js";

export function namespaceCases(under: StoreUnderTest): void {
  describe("namespaces", () => {
    const opened = useStore(under);

    test("one is found by its id and by its title", async () => {
      const { store, clock } = opened();
      const created = await store.createNamespace({ id: "id1", title: "Title", attributes: { kind: "x" } });
      expect(created).toEqual({
        id: "id1",
        title: "Title",
        createdMs: clock.nowMs(),
        modifiedMs: clock.nowMs(),
        attributes: { kind: "x" },
      });
      expect(await store.getNamespace("id1")).toEqual(created);
      expect(await store.findNamespace("Title")).toEqual(created);
      expect(await store.getNamespace("id2")).toBeNull();
      expect(await store.findNamespace("title")).toBeNull();
      const { namespaces, total } = await store.listNamespaces();
      expect(namespaces.map((namespace) => namespace.id).sort()).toEqual([NAMESPACE, "id1"].sort());
      expect(total).toBe(2);
    });

    test("they are listed in pages, by id or by title, in both directions", async () => {
      const { store } = opened();
      await store.deleteNamespace(NAMESPACE);
      for (const [id, title] of ["a:3", "b:2", "c:4", "d:1"].map((text) => text.split(":"))) {
        await store.createNamespace({ id: id as string, title: title as string });
      }
      await store.renameNamespace("c", "0");
      const ids = async (query: NamespaceQuery) => {
        const { namespaces, total } = await store.listNamespaces(query);
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
      await store.createNamespace({ id: "id1", title: "One" });
      await store.renameNamespace("id1", "Uno");
      await store.createNamespace({ id: "id2", title: "One" });
      await store.deleteNamespace("id1");
      await store.createNamespace({ id: "id3", title: "Uno" });
      expect(await store.findNamespace("One")).toMatchObject({ id: "id2" });
      expect(await store.findNamespace("Uno")).toMatchObject({ id: "id3" });
    });

    test("ids and titles are unique, also among those created at once", async () => {
      const { store } = opened();
      const outcomes = await Promise.allSettled([
        store.createNamespace({ id: "id1", title: "Title 1" }),
        store.createNamespace({ id: "id1", title: "Title 2" }),
        store.createNamespace({ id: "id2", title: "Title 1" }),
      ]);
      expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "rejected"]);
      await expect(store.createNamespace({ id: "id3", title: "Title 1" })).rejects.toMatchObject({
        code: "namespace_exists",
      });
    });

    test("one can be renamed, to its own title too, not to another's", async () => {
      const { store, clock } = opened();
      const created = await store.createNamespace({ id: "id1", title: "One" });
      clock.advance(5);
      expect(await store.renameNamespace("id1", "Uno")).toEqual({
        ...created,
        title: "Uno",
        modifiedMs: clock.nowMs(),
      });
      expect(await store.findNamespace("One")).toBeNull();
      await store.renameNamespace("id1", "Uno");
      await expect(store.renameNamespace("id1", "Cases")).rejects.toMatchObject({ code: "namespace_exists" });
      await expect(store.renameNamespace("none", "Any")).rejects.toMatchObject({
        code: "namespace_not_found",
      });
    });

    test("a deleted one is gone at once with all its entries, and its id can be used again", async () => {
      const { store, put } = opened();
      await put("key", "value");
      await store.deleteNamespace(NAMESPACE);
      expect(await store.getNamespace(NAMESPACE)).toBeNull();
      await expect(async () => store.get(NAMESPACE, "key")).rejects.toMatchObject({
        code: "namespace_not_found",
      });
      await store.createNamespace({ id: NAMESPACE, title: "Cases" });
      expect(await store.get(NAMESPACE, "key")).toBeNull();
      expect(await store.count(NAMESPACE, {})).toBe(0);
    });

    test("everything says namespace_not_found for one that is not there", async () => {
      const { store } = opened();
      const rejected = { code: "namespace_not_found" };
      await expect(async () => store.get("none", "k")).rejects.toMatchObject(rejected);
      await expect(async () => store.getMany("none", ["k"])).rejects.toMatchObject(rejected);
      await expect(async () => store.list("none", { limit: 1 })).rejects.toMatchObject(rejected);
      await expect(store.count("none", {})).rejects.toMatchObject(rejected);
      await expect(store.put("none", "k", input(""))).rejects.toMatchObject(rejected);
      await expect(store.delete("none", "k")).rejects.toMatchObject(rejected);
      await expect(store.increment("none", "k", 1, null)).rejects.toMatchObject(rejected);
      await expect(store.touch("none", "k", null)).rejects.toMatchObject(rejected);
      await expect(store.commit("none", [], [])).rejects.toMatchObject(rejected);
      await expect(store.writeMany("none", [{ type: "delete", key: "k" }])).rejects.toMatchObject(rejected);
      await expect(store.deleteNamespace("none")).rejects.toMatchObject(rejected);
    });
  });
}
