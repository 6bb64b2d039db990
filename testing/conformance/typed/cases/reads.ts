import { KVSerializationError, KVValidationError, kv } from "@kvasir/client";
import { describe, expect, test } from "vitest";
import type { TypedCaseContext } from "../typed-case-context.js";
import { ADA, HAS_NAME } from "../users.js";

export function readsCases(typed: TypedCaseContext): void {
  describe("get", () => {
    test("reads what another wrote as JSON, behind the prefix", async () => {
      await typed.raw.put("user:ada", JSON.stringify(ADA));
      expect(await typed.users.get("ada")).toEqual(ADA);
    });

    test("answers null where there is nothing", async () => {
      expect(await typed.users.get("nobody")).toBeNull();
    });

    test("tells an empty value from none", async () => {
      const texts = kv<string>(typed.binding, { serializer: "text" });
      await texts.put("empty", "");
      expect(await texts.get("empty")).toBe("");
      expect(await texts.exists("empty")).toBe(true);
    });

    test("reads text", async () => {
      await typed.raw.put("txt:hello", "world");
      expect(await kv<string>(typed.binding, { prefix: "txt:", serializer: "text" }).get("hello")).toBe(
        "world",
      );
    });

    test("reads through a serializer of your own", async () => {
      const dates = kv<Date>(typed.binding, {
        serializer: { serialize: (date) => date.toISOString(), deserialize: (text) => new Date(text) },
      });
      await dates.put("epoch", new Date(0));
      expect(await typed.raw.get("epoch")).toBe("1970-01-01T00:00:00.000Z");
      expect(await dates.get("epoch")).toEqual(new Date(0));
    });

    test("refuses what does not parse, with the reason", async () => {
      await typed.raw.put("user:bad", "not-json{}");
      const error = await typed.users.get("bad").catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(KVSerializationError);
      expect(error).toMatchObject({ context: { operation: "deserialize", kvKey: "bad" } });
      expect(error).toHaveProperty("cause", expect.any(SyntaxError));
    });

    test("refuses what the schema refuses, and names the key without its prefix", async () => {
      await typed.raw.put("user:odd", "{}");
      const error = await kv(typed.binding, { prefix: "user:", schema: HAS_NAME })
        .get("odd")
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(KVValidationError);
      expect(error).toMatchObject({ kvKey: "odd", validationMessage: "has no name" });
    });

    test.each([false, 0, 60] as const)("takes a cacheTtl of %j, also as the default", async (cacheTtl) => {
      await typed.users.put("ada", ADA);
      expect(await typed.users.get("ada", { cacheTtl })).toEqual(ADA);
      for (const options of [{ cacheTtl }, { defaultCacheTtl: cacheTtl }]) {
        expect(await typed.usersWith(options).get("ada")).toEqual(ADA);
      }
    });

    test("lets a call's cacheTtl win over the client's, and that one over its older name", async () => {
      await typed.users.put("ada", ADA);
      const refused = typed.usersWith({ cacheTtl: 1, defaultCacheTtl: 60 });
      await expect(refused.get("ada")).rejects.toThrow(/KV\.get failed: .*cache_ttl/);
      expect(await refused.get("ada", { cacheTtl: false })).toEqual(ADA);
    });
  });

  describe("getWithMetadata", () => {
    test("reads value and metadata", async () => {
      await typed.users.put("ada", ADA, { metadata: { role: "admin" } });
      const result = await typed.users.getWithMetadata<{ role: string }>("ada");
      expect(result).toEqual({ value: ADA, metadata: { role: "admin" }, cacheStatus: null });
    });

    test("answers null for both where there is nothing", async () => {
      expect(await typed.users.getWithMetadata("nobody")).toEqual({
        value: null,
        metadata: null,
        cacheStatus: null,
      });
    });

    test("refuses what does not parse or fit", async () => {
      await typed.raw.put("user:bad", "not json");
      await typed.raw.put("user:odd", "{}");
      await expect(typed.users.getWithMetadata("bad")).rejects.toThrow(KVSerializationError);
      const strict = kv(typed.binding, { prefix: "user:", schema: HAS_NAME });
      await expect(strict.getWithMetadata("odd")).rejects.toThrow(KVValidationError);
    });
  });

  test("exists and has look behind the prefix", async () => {
    await typed.users.put("ada", ADA);
    await typed.raw.put("bob", "{}");
    for (const look of [typed.users.exists, typed.users.has]) {
      expect(await look("ada")).toBe(true);
      expect(await look("bob")).toBe(false);
    }
  });
}
