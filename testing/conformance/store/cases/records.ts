import { describe, expect, test } from "vitest";
import { type StoreUnderTest, useStore } from "../store-case.js";

export function recordCases(under: StoreUnderTest): void {
  describe("records", () => {
    const opened = useStore(under);

    test("a record is kept under its name until it is deleted", async () => {
      const tokens = opened().store.records("tokens");
      expect(await tokens.get("a")).toBeNull();
      await tokens.put("a", { scope: "read" });
      await tokens.put("b", { scope: "write" });
      await tokens.put("a", { scope: "admin" });
      expect(await tokens.get("a")).toEqual({ scope: "admin" });
      const list = [...(await tokens.list())].sort((x, y) => (x.name < y.name ? -1 : 1));
      expect(list).toEqual([
        { name: "a", record: { scope: "admin" } },
        { name: "b", record: { scope: "write" } },
      ]);
      expect(await tokens.delete("a")).toBe(true);
      expect(await tokens.delete("a")).toBe(false);
      expect(await tokens.get("a")).toBeNull();
    });

    test("tables are apart from each other", async () => {
      const { store } = opened();
      const tables = ["tokens", "usage", "usage-by-day"].map((name) => store.records(name));
      for (const [at, table] of tables.entries()) {
        await table.put("shared", at);
        await table.put(`only ${at}`, at);
      }
      for (const [at, table] of tables.entries()) {
        expect(await table.get("shared")).toBe(at);
        const list = [...(await table.list())].sort((x, y) => (x.name < y.name ? -1 : 1));
        expect(list).toEqual([
          { name: `only ${at}`, record: at },
          { name: "shared", record: at },
        ]);
      }
      await tables[1]?.delete("shared");
      expect(await tables[2]?.get("shared")).toBe(2);
      expect(await tables[1]?.get("shared")).toBeNull();
    });
  });
}
