import type { KVNamespace } from "@kvasir/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

// Reads with `cacheTtl` inside a Worker. `outside` writes without the Worker, as another process would.

let project: Project;
let running: Running;
let outside: KVNamespace;

beforeAll(async () => {
  project = new Project({
    "wrangler.json": '{"main":"a.js","kv_namespaces":[{"binding":"KV","id":"kv"}]}',
    // Runs calls given as JSON, one after the other, and responds with their results.
    "a.js": `export default { async fetch(request, { KV }) {
      const results = [];
      for (const [method, ...args] of await request.json()) {
        try { results.push((await KV[method](...args)) ?? null); } catch (error) { results.push(error.message); }
      }
      return Response.json(results);
    } };`,
  });
  running = await runFunctions([project.root]);
  outside = running.database.namespaceById("kv");
});
afterAll(async () => {
  await running.close();
  project.remove();
});
beforeEach(() => outside.deletePrefix("", { all: true }));

type Call = readonly [method: string, ...args: unknown[]];

async function inside(...calls: Call[]): Promise<unknown[]> {
  const response = await fetch(running.functions.url, { method: "POST", body: JSON.stringify(calls) });
  return (await response.json()) as unknown[];
}

const cached = { cacheTtl: 60 };
let keys = 0;
const freshKey = () => `key ${++keys} é/%`;

describe("a read with cacheTtl", () => {
  it("is answered from the isolate the second time, and says so", async () => {
    const key = freshKey();
    await outside.put(key, "1", { metadata: { name: "ü" } });
    expect(await inside(["getWithMetadata", key, cached], ["getWithMetadata", key, cached])).toEqual([
      { value: "1", metadata: { name: "ü" }, cacheStatus: "MISS" },
      { value: "1", metadata: { name: "ü" }, cacheStatus: "HIT" },
    ]);
    await outside.put(key, "2");
    expect(
      await inside(["get", key, cached], ["get", key], ["get", key, { ...cached, type: "json" }]),
    ).toEqual(["1", "2", 1]);
  });

  it("sees what the same Worker writes, however it writes", async () => {
    const writes: readonly (readonly [Call, unknown])[] = [
      [["put", "K", "2"], "2"],
      [["put", "K", "3", { ifVersion: -1 }], "2"],
      [["increment", "K", 5], "7"],
      [["delete", "K"], null],
      [["put", "K", "8", { ifAbsent: true }], "8"],
      [["deletePrefix", "key"], null],
    ];
    const key = freshKey();
    await outside.put(key, "1");
    for (const [[method, name, ...args], expected] of writes) {
      const write = [method, name === "K" ? key : name, ...args] as Call;
      const [, , after] = await inside(["get", key, cached], write, ["get", key, cached]);
      expect(after).toEqual(expected);
    }
  });

  it("asks the store every time for a key that is missing", async () => {
    const key = freshKey();
    expect(await inside(["get", key, cached])).toEqual([null]);
    await outside.put(key, "there now");
    expect(await inside(["get", key, cached])).toEqual(["there now"]);
  });

  it("keeps no value that is large, and reads it all the same", async () => {
    const key = freshKey();
    await outside.put(key, "x".repeat(2_000_000));
    const read: Call = ["getWithMetadata", key, cached];
    const results = (await inside(read, read)) as { value: string; cacheStatus: string }[];
    expect(results.map(({ value, cacheStatus }) => [value.length, cacheStatus])).toEqual([
      [2_000_000, "MISS"],
      [2_000_000, "MISS"],
    ]);
  });

  it("is refused as ever where its arguments are wrong", async () => {
    const key = freshKey();
    await outside.put(key, "text");
    expect(
      await inside(
        ["get", key, { cacheTtl: 29 }],
        ["get", "", cached],
        ["get", key, { ...cached, type: "banana" }],
        ["get", "k".repeat(513), cached],
      ),
    ).toEqual([
      "KV GET failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30.",
      "Key name cannot be empty.",
      expect.stringContaining("Unknown response type"),
      "KV GET failed: 414 UTF-8 encoded length of 513 exceeds key length limit of 512.",
    ]);
  });
});
