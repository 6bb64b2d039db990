import type { StagedValue } from "@kvasir/store";
import { describe, expect, test } from "vitest";
import {
  bytesOf,
  input,
  NAMESPACE,
  patternBytes,
  type StoreUnderTest,
  testWhen,
  useStore,
} from "../store-case.js";

export function largeValueCases(under: StoreUnderTest): void {
  describe("large values", () => {
    const opened = useStore(under);
    const whenStrong = testWhen(under, "strong");

    function stage(bytes: Uint8Array, chunkBytes: number, key = "key"): Promise<StagedValue> {
      return opened().store.entries.stage(NAMESPACE, key, chunks(bytes, chunkBytes), {
        bytesMax: bytes.length,
      });
    }

    test.each([
      [0, 1000],
      [10, 3],
      [131_072, 131_072],
      [131_073, 65_536],
      [3_000_000, 70_001],
    ])("%i bytes staged in chunks of %i come back byte for byte", async (length, chunkBytes) => {
      const { store } = opened();
      const bytes = patternBytes(length);
      const value = await stage(bytes, chunkBytes);
      expect(value.byteLength).toBe(length);
      await store.entries.put(NAMESPACE, "key", { ...input(""), value });
      const entry = await store.entries.get(NAMESPACE, "key");
      expect(entry?.value.byteLength).toBe(length);
      expect((await bytesOf(entry?.value ?? Buffer.of())).equals(bytes)).toBe(true);
    });

    test("a staged value is nowhere until a put takes it", async () => {
      const { store } = opened();
      await stage(patternBytes(200_000), 50_000);
      expect(await store.entries.count(NAMESPACE, {})).toBe(0);
    });

    test("a staged value is taken once", async () => {
      const { store, clock } = opened();
      const value = await stage(patternBytes(200_000), 50_000, "first");
      await store.entries.put(NAMESPACE, "first", { ...input(""), value });
      // A hosted service takes one write of a key in a second.
      clock.advance(1_000);
      for (const key of ["second", "first"]) {
        await expect(store.entries.put(NAMESPACE, key, { ...input(""), value })).rejects.toMatchObject({
          code: "value_invalid",
        });
      }
      expect(await store.entries.get(NAMESPACE, "second")).toBeNull();
    });

    test("a source that passes the limit is refused as soon as it does", async () => {
      const { store } = opened();
      let taken = 0;
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (; ; taken++) yield patternBytes(100_000);
      }
      await expect(
        store.entries.stage(NAMESPACE, "key", endless(), { bytesMax: 1_000_000 }),
      ).rejects.toMatchObject({
        code: "value_too_large",
      });
      expect(taken).toBe(10);
    });

    test("a source that fails passes its error on", async () => {
      const { store } = opened();
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield patternBytes(2_000_000);
        throw new Error("connection lost");
      }
      await expect(store.entries.stage(NAMESPACE, "key", broken(), { bytesMax: 1e9 })).rejects.toThrow(
        "connection lost",
      );
    });

    whenStrong("a value that is replaced while it is read can be read to its end [strong]", async () => {
      const { store, clock } = opened();
      const bytes = patternBytes(1_000_000);
      await store.entries.put(NAMESPACE, "key", input(bytes));
      const entry = await store.entries.get(NAMESPACE, "key");
      if (entry === null || entry.value instanceof Uint8Array) throw new Error("Not a large value.");
      const read: Uint8Array[] = [];
      for await (const part of entry.value.parts()) {
        read.push(part);
        await store.entries.put(NAMESPACE, "key", input(patternBytes(1_000_000, read.length + 1)));
        clock.advance(1000);
      }
      expect(Buffer.concat(read).equals(bytes)).toBe(true);
    });
  });
}

function* chunks(bytes: Uint8Array, chunkBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}
