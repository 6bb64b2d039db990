import { KVSerializationError, KVValidationError, kv, ValidationError } from "@kvasir/client";
import { describe, expect, test } from "vitest";
import type { TypedCaseContext } from "../typed-case-context.js";
import { ADA, BOB, HAS_NAME, type User } from "../users.js";

export function writesCases(typed: TypedCaseContext): void {
  describe("put", () => {
    test("stores JSON behind the prefix, and nothing else", async () => {
      await typed.users.put("ada", ADA);
      expect(await typed.raw.get("user:ada")).toBe(JSON.stringify(ADA));
      expect(await typed.raw.get("ada")).toBeNull();
    });

    test("lets an entry live as long as its TTL", async () => {
      await typed.users.put("ada", ADA, { ttl: 3600 });
      typed.clock.advance(3_599_000);
      expect(await typed.users.get("ada")).toEqual(ADA);
      typed.clock.advance(1_000);
      expect(await typed.users.get("ada")).toBeNull();
    });

    test("keeps an absolute expiration exactly, whatever the TTL", async () => {
      const expiration = typed.nowSeconds() + 86_400;
      await typed.usersWith({ defaultTtl: 300 }).put("ada", ADA, { expiration, ttl: 30 });
      expect(await typed.users.listKeys()).toEqual([{ name: "ada", expiration }]);
    });

    test("takes the client's TTL where it is given none", async () => {
      const shortLived = typed.usersWith({ defaultTtl: 300 });
      await shortLived.put("ada", ADA);
      await shortLived.put("bob", BOB, { ttl: 600 });
      const now = typed.nowSeconds();
      expect(await typed.users.listKeys()).toEqual([
        { name: "ada", expiration: now + 300 },
        { name: "bob", expiration: now + 600 },
      ]);
    });

    test.each([30, 0, Number.NaN])("refuses a TTL of %j", async (ttl) => {
      await expect(typed.users.put("ada", ADA, { ttl })).rejects.toThrow(ValidationError);
      expect(await typed.users.exists("ada")).toBe(false);
    });

    test("validates on write only when asked to", async () => {
      const wrong = {} as User;
      const lenient = kv(typed.binding, { prefix: "user:", schema: HAS_NAME });
      const strict = kv(typed.binding, { prefix: "user:", schema: HAS_NAME, validateOnWrite: true });
      await lenient.put("odd", wrong);
      expect(await typed.raw.get("user:odd")).toBe("{}");
      await expect(strict.put("odd2", wrong)).rejects.toThrow(KVValidationError);
      expect(await typed.raw.get("user:odd2")).toBeNull();
    });

    test("refuses what cannot be written down", async () => {
      const circle: Record<string, unknown> = {};
      circle["self"] = circle;
      await expect(kv(typed.binding).put("circle", circle)).rejects.toThrow(KVSerializationError);
      await expect(kv(typed.binding).put("nothing", undefined)).rejects.toThrow(KVSerializationError);
      expect(await kv(typed.binding).listKeys()).toEqual([]);
    });
  });

  test("delete removes an entry, and is content when there is none", async () => {
    await typed.users.put("ada", ADA);
    expect(await typed.users.delete("ada")).toBeUndefined();
    expect(await typed.users.get("ada")).toBeNull();
    expect(await typed.users.delete("ada")).toBeUndefined();
  });
}
