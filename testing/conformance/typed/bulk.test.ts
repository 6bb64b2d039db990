import { kv, type TypedKV, ValidationError } from "@kvasir/client";
import type { KVBinding } from "@kvasir/client/typed";
import { type Database, type KVNamespace, open } from "@kvasir/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  droppingIntegerKeys,
  failing,
  plainBinding,
  recorded,
  withoutBulkReads,
} from "../../harness/bindings.js";
import { collect } from "./collect.js";

/** Tests how many requests the typed client makes of a binding, and of which kind. */

let database: Database;
let namespace: KVNamespace;

beforeEach(() => {
  database = open(":memory:");
  namespace = database.namespace("bulk");
});
afterEach(() => database.close());

const KEYS = Array.from({ length: 250 }, (_, index) => `k${String(index).padStart(3, "0")}`);

async function filled(binding: KVBinding) {
  await kv<number>(namespace).putMany(KEYS.map((key, value) => ({ key, value })));
  const { binding: counted, calls } = recorded(binding);
  const methods = () =>
    calls.map(([method, first]) => (Array.isArray(first) ? `${method} ${first.length}` : method));
  return { store: kv<number>(counted), methods };
}

describe("getMany", () => {
  test("reads a hundred keys a request", async () => {
    const { store, methods } = await filled(plainBinding(namespace));
    expect((await store.getMany([...KEYS, "missing"])).size).toBe(250);
    expect(methods()).toEqual(["get 100", "get 100", "get 51"]);
  });

  test("asks for each key once, however often it is named", async () => {
    const { store, methods } = await filled(namespace);
    await store.getMany(["k000", "k001", "k000"]);
    expect(methods()).toEqual(["get 2"]);
  });

  test("reads a single key as such", async () => {
    const { store, methods } = await filled(namespace);
    await store.getMany(["k000"]);
    expect(methods()).toEqual(["get"]);
  });

  test("reads one by one where the binding knows no bulk reads", async () => {
    const { store, methods } = await filled(withoutBulkReads(namespace));
    expect(await store.getMany(["k000", "k001"])).toEqual(
      new Map([
        ["k000", 0],
        ["k001", 1],
      ]),
    );
    expect(methods()).toEqual(["get 2", "get", "get"]);
  });

  test("reads by itself what a bulk read drops", async () => {
    await namespace.put("1", "10");
    await namespace.put("a", "20");
    const { binding, calls } = recorded(droppingIntegerKeys(namespace));
    expect([...(await kv<number>(binding).getMany(["1", "a"]))]).toEqual([
      ["1", 10],
      ["a", 20],
    ]);
    expect(calls.slice(1)).toEqual([["get", "1"]]);
  });

  test("reads one by one what is too much for one answer", async () => {
    const large = "x".repeat(20 * 1024 * 1024);
    const texts = kv<string>(namespace, { serializer: "text" });
    await texts.putMany([
      { key: "a", value: large },
      { key: "b", value: large },
    ]);
    const read = await texts.getMany(["a", "b"]);
    expect([...read].map(([key, value]) => [key, value.length])).toEqual([
      ["a", large.length],
      ["b", large.length],
    ]);
  });

  test("does not multiply the requests of a server that is busy", async () => {
    const { binding, calls } = recorded(failing(new Error("KV GET_BULK failed: 429 Too Many Requests")));
    await expect(kv(binding).getMany(["a", "b"])).rejects.toMatchObject({
      name: "RateLimitError",
      retryable: true,
      context: { operation: "getMany" },
    });
    expect(calls).toHaveLength(1);
  });

  test("names the key that a single read fails for", async () => {
    await expect(
      kv(failing(new Error("broken")), { prefix: "p:" }).getMany(["a", "b"]),
    ).rejects.toMatchObject({
      name: "InternalError",
      message: "KV.getMany failed: broken",
      context: { key: "p:a", prefix: "p:" },
    });
  });
});

describe("a batch with one wrong key or TTL", () => {
  const WRONG: [string, (store: TypedKV<number>) => Promise<unknown>][] = [
    ["getMany", (store) => store.getMany(["a", ""])],
    ["putMany", (store) => store.putMany([entry("a"), entry("")])],
    ["putMany with a TTL", (store) => store.putMany([entry("a"), { ...entry("b"), options: { ttl: 5 } }])],
    ["deleteMany", (store) => store.deleteMany(["a", ""])],
  ];
  const entry = (key: string) => ({ key, value: 1 });

  test.each(WRONG)("asks nothing of the binding: %s", async (_, operation) => {
    const { binding, calls } = recorded(namespace);
    await expect(operation(kv<number>(binding))).rejects.toThrow(ValidationError);
    // A request that had been started would have arrived by the time that our own operation is done.
    await namespace.put("later", "1");
    expect(calls).toEqual([]);
  });
});

describe("list", () => {
  test("reads values a hundred at a time over plain Workers KV", async () => {
    const { store, methods } = await filled(plainBinding(namespace));
    expect(await collect(store.list())).toHaveLength(250);
    expect(methods()).toEqual(["list", "get 100", "get 100", "get 50"]);
  });

  test("reads values with the page over Kvasir", async () => {
    const { store, methods } = await filled(namespace);
    expect(await collect(store.list())).toHaveLength(250);
    expect(methods()).toEqual(["list"]);
  });

  test("requests nothing before the first entry is asked for, and no more than its caller gets to", async () => {
    const { store, methods } = await filled(plainBinding(namespace));
    const list = store.list();
    expect(methods()).toEqual([]);
    for await (const _ of list) break;
    expect(methods()).toEqual(["list", "get 100"]);
  });

  test("asks for no more keys than its limit leaves", async () => {
    const { binding, calls } = recorded(plainBinding(namespace));
    await filled(namespace);
    await collect(kv(binding).keys({ limit: 7 }));
    expect(calls).toEqual([["list", { limit: 7 }]]);
    await collect(kv(binding).list({ limit: 0 }));
    expect(calls).toHaveLength(1);
  });

  test("yields no more than its limit even when a binding gives more", async () => {
    await filled(namespace);
    const generous = { ...plainBinding(namespace), list: () => namespace.list() };
    expect(await collect(kv(generous).keys({ limit: 2 }))).toHaveLength(2);
    expect(await collect(kv(generous).list({ limit: 2 }))).toHaveLength(2);
  });

  test("keys() and listKeys() read no value", async () => {
    const { store, methods } = await filled(plainBinding(namespace));
    await collect(store.keys());
    await store.listKeys();
    expect(methods()).toEqual(["list", "list"]);
  });

  test("leaving the loop ends the generator behind it", async () => {
    const iterator = kv(namespace).list()[Symbol.asyncIterator]();
    await iterator.next();
    expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  test.each([
    ["list", (binding: KVBinding) => collect(kv(binding).list())],
    ["keys", (binding: KVBinding) => collect(kv(binding).keys())],
    ["listKeys", (binding: KVBinding) => kv(binding).listKeys()],
    ["exists", (binding: KVBinding) => kv(binding).exists("a")],
    ["putMany", (binding: KVBinding) => kv(binding).putMany([{ key: "a", value: 1 }])],
    ["deleteMany", (binding: KVBinding) => kv(binding).deleteMany(["a"])],
  ])("%s wraps the binding's errors", async (_, operation) => {
    const cause = new Error("KV GET failed: 503 Service Unavailable");
    await expect(operation(failing(cause))).rejects.toMatchObject({ name: "ServiceUnavailableError", cause });
  });
});
