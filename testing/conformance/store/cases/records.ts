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
  });
}
