import { BindingNotFoundError, ConfigError, kv } from "@kvasir/client";
import type { KVBinding } from "@kvasir/client/typed";
import { describe, expect, test } from "vitest";
import type { TypedCaseContext } from "../typed-case-context.js";
import { ADA, type User } from "../users.js";

export function constructionCases(typed: TypedCaseContext): void {
  describe("kv()", () => {
    test.each([null, undefined, 0, "KV"])("refuses %j, which is no binding", (nothing) => {
      expect(() => kv(nothing as unknown as KVBinding)).toThrow(BindingNotFoundError);
      expect(() => kv(nothing as unknown as KVBinding)).toThrow(/"KVNamespace"/);
    });

    test("refuses what is no KVNamespace", () => {
      expect(() => kv({ get() {} } as unknown as KVBinding)).toThrow(ConfigError);
    });

    test("refuses a serializer that there is not", () => {
      expect(() => kv(typed.binding, { serializer: "yaml" as "json" })).toThrow(ConfigError);
    });

    test("needs no options", async () => {
      const store = kv<User>(typed.binding);
      await store.put("ada", ADA);
      expect(await store.get("ada")).toEqual(ADA);
      expect(await typed.raw.get("ada")).toBe(JSON.stringify(ADA));
    });

    test("shows the binding itself", () => {
      expect(typed.users.raw).toBe(typed.binding);
    });

    test("has methods that need no this", async () => {
      const { put, get, has } = typed.users;
      await put("ada", ADA);
      expect(await get("ada")).toEqual(ADA);
      expect(await has("ada")).toBe(true);
    });
  });
}
