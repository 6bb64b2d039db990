import { type TypedKV, ValidationError } from "@kvasir/client";
import { describe, expect, test } from "vitest";
import type { TypedCaseContext } from "../typed-case-context.js";
import { ADA, BOB, type User } from "../users.js";

export function keysCases(typed: TypedCaseContext): void {
  describe("keys", () => {
    const OPERATIONS: [string, (store: TypedKV<User>, key: string) => Promise<unknown>][] = [
      ["get", (store, key) => store.get(key)],
      ["getWithMetadata", (store, key) => store.getWithMetadata(key)],
      ["put", (store, key) => store.put(key, ADA)],
      ["delete", (store, key) => store.delete(key)],
      ["exists", (store, key) => store.exists(key)],
      ["getMany", (store, key) => store.getMany(["ok", key])],
      [
        "putMany",
        (store, key) =>
          store.putMany([
            { key: "ok", value: ADA },
            { key, value: BOB },
          ]),
      ],
      ["deleteMany", (store, key) => store.deleteMany(["ok", key])],
    ];

    test.each(OPERATIONS)(
      "%s rejects an empty key, and one too long with its prefix",
      async (_, operation) => {
        await expect(operation(typed.users, "")).rejects.toThrow(ValidationError);
        await expect(operation(typed.users, "a".repeat(508))).rejects.toThrow(/512 bytes \(got 513 bytes\)/);
      },
    );
  });
}
