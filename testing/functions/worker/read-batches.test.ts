import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { KVNamespace } from "@kvasir/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

// Reads that a Worker starts in one turn. The server's counts show how many requests they became.

const WORKER = `
import { AsyncLocalStorage } from "node:async_hooks";
const storage = new AsyncLocalStorage();

/** What a call came to, as JSON can say it. */
async function outcome(call) {
  try {
    return await shown(await call());
  } catch (error) {
    return error.constructor.name + ": " + error.message;
  }
}

async function shown(value) {
  if (value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)] };
  if (value instanceof ReadableStream) return { stream: await new Response(value).text() };
  if (typeof value === "string" && value.length > 1000) return { length: value.length };
  if (value?.value === undefined || value.value === null) return value ?? null;
  return { ...value, value: await shown(value.value) };
}

const programs = {
  /** All calls in one turn. */
  together: ({ KV }, calls) =>
    Promise.all(calls.map(([method, ...args]) => outcome(() => KV[method](...args)))),

  alone: async ({ KV }, calls) => {
    const outcomes = [];
    for (const [method, ...args] of calls) outcomes.push(await outcome(() => KV[method](...args)));
    return outcomes;
  },

  oddKeys: async ({ KV }) => {
    const keys = ["", ".", "..", "k".repeat(513), "é".repeat(257), "a\\uD800b", 12, null, undefined, { toString: () => "good" }];
    const calls = [...keys.map((key) => () => KV.get(key)), () => KV.get(Symbol("s")), () => KV.get()];
    const alone = [];
    for (const call of calls) alone.push(await outcome(call));
    const together = await Promise.all([...calls.map(outcome), KV.get("good")]);
    return { alone, together };
  },

  twoNamespaces: ({ KV, OTHER }) => Promise.all([KV.get("a"), OTHER.get("a"), KV.get("b"), OTHER.get("b")]),

  deeperInTheTurn: async ({ KV }) => {
    const later = async (key) => {
      await null;
      return KV.get(key);
    };
    return Promise.all([later("a"), later("b"), later("c")]);
  },

  aroundAPut: async ({ KV }) => {
    await KV.put("a", "1");
    await KV.put("b", "1");
    const before = [KV.get("a"), KV.get("b")];
    const put = KV.put("a", "2");
    const [earlier] = await Promise.all([Promise.all(before), put]);
    return { earlier, later: await Promise.all([KV.get("a"), KV.get("b")]) };
  },

  everyAcknowledgedWrite: async ({ KV }) => {
    const stale = [];
    for (let count = 1; count <= 50; count++) {
      await (count % 2 ? KV.put("counter", String(count)) : KV.increment("counter"));
      for (const value of await Promise.all([KV.get("counter"), KV.get("counter", "json"), KV.get("b")])) {
        if (value !== null && Number(value) !== count) stale.push([count, value]);
      }
    }
    return stale;
  },

  context: async ({ KV }) => {
    const within = (name) => storage.run(name, async () => {
      await KV.get(name);
      return storage.getStore();
    });
    return Promise.all([within("one"), within("two"), within("three")]);
  },

  cutOff: ({ KV }) => {
    KV.get("a").then(() => console.log("went on in another request"));
    process.exit(0);
  },

  ownValues: async ({ KV }) => {
    const [first, second] = await Promise.all([KV.get("json", "json"), KV.get("json", "json")]);
    const [bytes, others] = await Promise.all([KV.get("a", "arrayBuffer"), KV.get("a", "arrayBuffer")]);
    first.changed = true;
    new Uint8Array(bytes).fill(0);
    return [second, [...new Uint8Array(others)], bytes.byteLength];
  },
};

export default {
  async fetch(request, env) {
    const { program, input } = await request.json();
    return Response.json(await programs[program](env, input));
  },
};`;

let project: Project;
let running: Running;
let outside: KVNamespace;

beforeAll(async () => {
  project = new Project({
    "wrangler.json": JSON.stringify({
      main: "a.js",
      compatibility_date: "2026-01-01",
      compatibility_flags: ["nodejs_compat"],
      kv_namespaces: [
        { binding: "KV", id: "kv" },
        { binding: "OTHER", id: "other" },
      ],
    }),
    "a.js": WORKER,
  });
  running = await runFunctions([project.root]);
  outside = running.database.namespaceById("kv");
});
afterAll(async () => {
  await running.close();
  project.remove();
});
beforeEach(() => outside.deletePrefix("", { all: true }));

async function inside(program: string, input?: unknown): Promise<unknown> {
  const response = await fetch(running.functions.url, {
    method: "POST",
    body: JSON.stringify({ program, input }),
  });
  expect(response.status).toBe(200);
  return response.json();
}

/** The number of requests of the functions that the server has responded to. */
async function requests(): Promise<number> {
  const metrics = await (await fetch(`${running.api}/metrics`)).text();
  const counts = metrics.matchAll(/^kvasir_http_requests_total\{dialect="functions",.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function counted(program: string, input?: unknown): Promise<{ requests: number; result: unknown }> {
  const before = await requests();
  const result = await inside(program, input);
  return { requests: (await requests()) - before, result };
}

describe("reads that start in one turn", () => {
  it("are one request, with the answers of each", async () => {
    await outside.put("key 3", "three");
    await outside.put("key 7", "");
    const calls = Array.from({ length: 10 }, (_, at) => ["get", `key ${at}`]);
    expect(await counted("together", calls)).toEqual({
      requests: 1,
      result: [null, null, null, "three", null, null, null, "", null, null],
    });
  });

  it("are one request also where each comes after an await", async () => {
    await outside.put("b", "2");
    expect(await counted("deeperInTheTurn")).toEqual({ requests: 1, result: [null, "2", null] });
  });

  it("may be of any type, with metadata, versions and cacheTtl", async () => {
    const text = '{"ü":1}';
    await outside.put("key", text, { metadata: { name: "日本語" } });
    const { version } = await outside.getWithMetadata("key", { version: true });
    const bytes = [...new TextEncoder().encode(text)];
    const read = { metadata: { name: "日本語" }, cacheStatus: null };
    expect(
      await counted("together", [
        ["get", "key"],
        ["get", "key", "json"],
        ["get", "key", { type: "arrayBuffer" }],
        ["get", "key", "stream"],
        ["get", "key", { cacheTtl: 60 }],
        ["getWithMetadata", "key"],
        ["getWithMetadata", "key", "stream"],
        ["getWithMetadata", "key", { type: "json", version: true }],
        ["getWithMetadata", "key", { type: "json", cacheTtl: 60 }],
        ["getWithMetadata", "missing", { version: true }],
        ["getWithMetadata", "missing"],
      ]),
    ).toEqual({
      requests: 1,
      result: [
        text,
        { ü: 1 },
        { bytes },
        { stream: text },
        text,
        { value: text, ...read },
        { value: { stream: text }, ...read },
        { value: { ü: 1 }, ...read, version },
        { value: { ü: 1 }, ...read, cacheStatus: "MISS" },
        { value: null, metadata: null, cacheStatus: null, version: null },
        { value: null, metadata: null, cacheStatus: null },
      ],
    });
  });

  it("fail each for itself, in the words of a read by itself", async () => {
    await outside.put("good", "value");
    const { alone, together } = (await inside("oddKeys")) as { alone: unknown[]; together: unknown[] };
    expect(together).toEqual([...alone, "value"]);
    expect(alone[0]).toBe("TypeError: Key name cannot be empty.");
    expect(alone[4]).toContain("414 UTF-8 encoded length of 514 exceeds key length limit of 512.");
    expect(alone[9]).toBe("value");
  });

  it("leave a value that cannot be read as asked to its own reader", async () => {
    await outside.put("text", "no JSON");
    const calls = [
      ["get", "text", "json"],
      ["get", "text", "banana"],
      ["get", "text", { cacheTtl: 29 }],
      ["getWithMetadata", "text", "json"],
      ["get", "text"],
    ];
    const together = (await inside("together", calls)) as string[];
    expect(together).toEqual(await inside("alone", calls));
    expect(together.at(-1)).toBe("no JSON");
    expect(together[0]).toBe(`SyntaxError: Unexpected token 'o', "no JSON" is not valid JSON`);
  });

  it("may have large values among them, which are read by themselves", async () => {
    await outside.put("small", "s");
    await outside.put("medium", "m".repeat(300_000));
    await outside.put("large", "l".repeat(2_000_000), { metadata: 1 });
    const calls = ["small", "medium", "large", "missing"].map((key) => ["getWithMetadata", key]);
    const read = { metadata: null, cacheStatus: null };
    expect(await counted("together", calls)).toEqual({
      requests: 2,
      result: [
        { value: "s", ...read },
        { value: { length: 300_000 }, ...read },
        { value: { length: 2_000_000 }, metadata: 1, cacheStatus: null },
        { value: null, ...read },
      ],
    });
  });

  it("are one request also where no value is small", async () => {
    const values = Array.from({ length: 40 }, (_, at) => String.fromCharCode(65 + at).repeat(3_000 + at));
    for (const [at, value] of values.entries()) await outside.put(`key ${at}`, value, { metadata: { at } });
    const calls = values.map((_, at) => ["getWithMetadata", `key ${at}`]);
    expect(await counted("together", calls)).toEqual({
      requests: 1,
      result: values.map(({ length }, at) => ({ value: { length }, metadata: { at }, cacheStatus: null })),
    });
  });

  it("are answered whole where their values together are more than one answer holds", async () => {
    for (let at = 0; at < 10; at++) await outside.put(`key ${at}`, String(at).repeat(900_000));
    const calls = Array.from({ length: 10 }, (_, at) => ["get", `key ${at}`]);
    expect(await inside("together", calls)).toEqual(calls.map(() => ({ length: 900_000 })));
  });

  it("are several requests where they are many, or their keys long", async () => {
    await outside.put("key 249", "last");
    const many = Array.from({ length: 250 }, (_, at) => ["get", `key ${at}`]);
    const { requests, result } = await counted("together", many);
    expect(requests).toBe(3);
    expect((result as unknown[]).at(-1)).toBe("last");

    const long = Array.from({ length: 40 }, (_, at) => `${"日".repeat(169)}${at}`);
    await outside.put(long[39] as string, "long");
    const found = (await inside(
      "together",
      long.map((key) => ["get", key]),
    )) as unknown[];
    expect(found).toEqual([...Array(39).fill(null), "long"]);
  });

  it("stay within their namespaces", async () => {
    const other = running.database.namespaceById("other");
    await outside.put("a", "KV a");
    await other.put("a", "OTHER a");
    await other.put("b", "OTHER b");
    expect(await counted("twoNamespaces")).toEqual({
      requests: 2,
      result: ["KV a", "OTHER a", null, "OTHER b"],
    });
  });

  it("come before a write that is made after them, and see one that was made before", async () => {
    expect(await inside("aroundAPut")).toEqual({ earlier: ["1", "1"], later: ["2", "1"] });
  });

  it("see every write that was acknowledged before them", async () => {
    expect(await inside("everyAcknowledgedWrite")).toEqual([]);
  });

  it("give each reader a value of its own", async () => {
    await outside.put("json", '{"n":1}');
    await outside.put("a", "AB");
    expect(await inside("ownValues")).toEqual([{ n: 1 }, [65, 66], 2]);
  });

  it("go on in the async context that each was made in", async () => {
    expect(await inside("context")).toEqual(["one", "two", "three"]);
  });
});

describe("a read by itself", () => {
  it("is a request of its own, as native as ever", async () => {
    await outside.put("key", "value");
    expect(await counted("alone", [["get", "key"]])).toEqual({ requests: 1, result: ["value"] });
    const metrics = await (await fetch(`${running.api}/metrics`)).text();
    expect(metrics).toMatch(/operation="functionsGet",status="200"/);
  });
});

describe("reads of many requests at a time", () => {
  it("are each request's own, whoever goes away in the middle", async () => {
    const keys = Array.from({ length: 40 }, (_, at) => `key ${at}`);
    for (const key of keys) await outside.put(key, `value of ${key}`);
    const ask = async (at: number) => {
      const own = Array.from({ length: 1 + (at % 7) }, (_, next) => keys[(at + next * 3) % 40] as string);
      const leaves = at % 5 === 0;
      const leaving = new AbortController();
      const asked = fetch(running.functions.url, {
        method: "POST",
        body: JSON.stringify({ program: "together", input: own.map((key) => ["get", key]) }),
        signal: leaving.signal,
      });
      if (leaves) {
        setImmediate(() => leaving.abort());
        await asked.then((response) => response.body?.cancel()).catch(() => undefined);
        return;
      }
      expect(await (await asked).json()).toEqual(own.map((key) => `value of ${key}`));
    };
    for (let round = 0; round < 5; round++)
      await Promise.all(Array.from({ length: 100 }, (_, at) => ask(at)));
    const failed = running.events.all.filter(({ event }) => event === "error");
    expect(failed).toEqual([]);
  });
});

describe("a read whose request ended within its turn", () => {
  it("is never answered, in the next request least of all", async () => {
    await outside.put("b", "2");
    for (let round = 0; round < 3; round++) {
      const cut = await fetch(running.functions.url, { method: "POST", body: '{"program":"cutOff"}' });
      expect(cut.status).toBe(500);
      expect(await inside("deeperInTheTurn")).toEqual([null, "2", null]);
      expect(await inside("alone", [["get", "b"]])).toEqual(["2"]);
    }
    expect(running.events.all.filter(({ event }) => event === "log")).toEqual([]);
  });
});

describe("the reads of a turn, where the endpoint answers badly", () => {
  it.each([
    ["cuts the answer off", (response: ServerResponse) => response.socket?.destroy()],
    ["answers with an error", (response: ServerResponse) => response.writeHead(503, "Busy").end()],
    ["answers with too little", (response: ServerResponse) => response.end(Buffer.from([0]))],
  ])("are made one by one when it %s", async (_what, spoil) => {
    const asked: string[] = [];
    const endpoint = createServer((request, response) => {
      asked.push(request.url ?? "");
      if (request.url?.startsWith("/bulk/read")) spoil(response);
      else response.end(`alone ${request.url}`);
    });
    const path = join(project.root, "kv.sock");
    await new Promise<void>((resolve) => endpoint.listen(path, resolve));
    onTestFinished(() => {
      endpoint.close();
      endpoint.closeAllConnections();
    });
    const functions = await runFunctions([project.root], {
      endpoint: Promise.resolve({ address: `unix:${path}`, headers: {} }),
    });
    onTestFinished(() => functions.close());
    const response = await fetch(functions.functions.url, {
      method: "POST",
      body: JSON.stringify({
        program: "together",
        input: [
          ["get", "a"],
          ["get", "b", { cacheTtl: 60 }],
        ],
      }),
    });
    expect(await response.json()).toEqual([
      "alone /a?urlencoded=true",
      "alone /b?urlencoded=true&cache_ttl=60",
    ]);
    expect(asked[0]).toBe("/bulk/read?key=a&key=b");
  });
});
