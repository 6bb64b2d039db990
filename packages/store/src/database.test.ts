import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Database } from "./database.js";
import { open } from "./open.js";
import { PART_BYTES } from "./store/limits.js";

let database: Database;

beforeEach(() => {
  database = open(":memory:");
});
afterEach(() => database.close());

const code = (code: string) => expect.objectContaining({ code });

describe("open", () => {
  test("takes a locator with the engine's name", async () => {
    const path = await mkdtemp(join(tmpdir(), "kvasir-locator-"));
    const first = open(`lmdb:${path}`);
    await first.namespace("kept").put("key", "value");
    await first.close();
    const again = open(path);
    expect(await again.namespace("kept").get("key")).toBe("value");
    await again.close();
    await rm(path, { recursive: true });
  });

  test("refuses a scheme that no engine has", () => {
    for (const scheme of ["tikv", "https"]) {
      expect(() => open(`${scheme}://127.0.0.1:1/name`)).toThrow(code("unsupported"));
    }
  });

  test("refuses a locator of a cluster that has no name, and connects to none before the first operation", async () => {
    expect(() => open("valkey://127.0.0.1:1")).toThrow(code("bad_request"));
    const database = open("valkey://127.0.0.1:1/name");
    await expect(database.namespace("any").get("key")).rejects.toThrow(code("unavailable"));
    await database.close();
    await expect(database.namespace("any").get("key")).rejects.toThrow(code("unavailable"));
  });
});

describe("Database", () => {
  test("a namespace is made by its first operation, whichever that is, once", async () => {
    const kv = database.namespace("lazy");
    expect(await database.catalog.find("lazy")).toBeNull();
    await Promise.all([kv.get("key"), kv.put("key", "value"), kv.list(), kv.count()]);
    expect((await database.catalog.list()).total).toBe(1);
    expect(await database.namespace("lazy").get("key")).toBe("value");
  });

  test("after close everything rejects with unavailable", async () => {
    const kv = database.namespace("closed");
    await kv.put("key", "value");
    await database.close();
    await expect(kv.get("key")).rejects.toEqual(code("unavailable"));
    await expect(kv.put("key", "value")).rejects.toEqual(code("unavailable"));
    await expect(database.namespace("other").get("key")).rejects.toEqual(code("unavailable"));
    database = open(":memory:");
  });

  test("one directory has one durability in a process", async () => {
    const directory = await mkdtemp(join(tmpdir(), "kvasir-durability-"));
    const strict = open(directory);
    expect(() => open(directory, { durability: "relaxed" })).toThrow(/open .* with durability "strict"/);
    const again = open(directory);
    await Promise.all([strict.close(), again.close()]);
    await open(directory, { durability: "relaxed" }).close();
    await rm(directory, { recursive: true });
  });

  test("the shortest time to live is an option", async () => {
    const short = open(":memory:", { ttlSecondsMin: 1 });
    await short.namespace("a").put("key", "value", { expirationTtl: 1 });
    await expect(short.namespace("a").put("key", "value", { expirationTtl: 0 })).rejects.toEqual(
      code("expiration_invalid"),
    );
    await short.close();
  });

  test("a watch misses nothing from its call on, also what happens before anybody asks for it", async () => {
    const kv = database.namespace("watched");
    await kv.put("before", "");
    const changes = kv.watch()[Symbol.asyncIterator]();
    await kv.put("after", "");
    expect((await changes.next()).value).toMatchObject({ type: "put", key: "after" });
    await changes.return?.();
  });

  test("what is wrong with a watch rejects its first step", async () => {
    const kv = database.namespace("watched");
    await kv.get("key");
    const changes = kv.watch({ prefix: "\uD800" })[Symbol.asyncIterator]();
    await expect(changes.next()).rejects.toThrow("KV WATCH failed: 400 Could not URL-decode key name");
  });

  test("a stream of 25 MiB goes in and out in parts", async () => {
    const kv = database.namespace("large");
    const part = new Uint8Array(65_536).fill(7);
    let left = 400;
    await kv.put(
      "key",
      new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(part);
          else controller.close();
        },
      }),
    );
    const sizes: number[] = [];
    for await (const chunk of (await kv.get("key", "stream")) as ReadableStream<Uint8Array>) {
      sizes.push(chunk.byteLength);
    }
    expect(sizes.reduce((sum, size) => sum + size)).toBe(26_214_400);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(PART_BYTES);
  });
});
