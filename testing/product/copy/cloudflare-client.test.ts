import type { PortableEntry } from "@kvasir/store";
import { afterEach, describe, expect, test } from "vitest";
import { CloudflareSink } from "../../../packages/kvasir/src/cloudflare/cloudflare-sink.js";
import { CloudflareSource } from "../../../packages/kvasir/src/cloudflare/cloudflare-source.js";
import {
  createCloudflareNamespace,
  findCloudflareNamespace,
} from "../../../packages/kvasir/src/cloudflare/namespaces.js";
import { CloudflareRequester } from "../../../packages/kvasir/src/cloudflare/requester.js";
import { CloudflareMock, type Fault, type MockRequest } from "../../harness/cloudflare/api.js";
import type { MockNamespace } from "../../harness/cloudflare/namespace.js";
import { Random } from "../../harness/random.js";
import { FakeTimer } from "./fake-timer.js";

const started: CloudflareMock[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((mock) => mock.stop()));
});

interface Place {
  readonly mock: CloudflareMock;
  readonly namespace: MockNamespace;
  readonly timer: FakeTimer;
  readonly requester: CloudflareRequester;
  readonly source: CloudflareSource;
  readonly address: { readonly account: string; readonly namespace: string };
}

async function place(options: { dropsMarks?: boolean } = {}): Promise<Place> {
  const timer = new FakeTimer();
  const mock = await new CloudflareMock({ ...options, nowMs: timer.nowMs }).start();
  started.push(mock);
  const namespace = mock.create("main");
  const requester = new CloudflareRequester({
    baseUrl: mock.url,
    headers: { Authorization: `Bearer ${mock.token}` },
    timer,
    random: () => 0.5,
  });
  const address = { account: mock.account, namespace: namespace.id };
  return { mock, namespace, timer, requester, source: new CloudflareSource(requester, address), address };
}

const read = async (
  source: CloudflareSource,
  options?: Parameters<CloudflareSource["read"]>[0],
): Promise<PortableEntry[]> => {
  const found: PortableEntry[] = [];
  for await (const entries of source.read(options)) found.push(...entries.map(comparable));
  return found;
};

const entry = (
  key: string,
  value: string | Uint8Array,
  more: Partial<PortableEntry> = {},
): PortableEntry => ({
  key,
  value: Buffer.from(value as Uint8Array),
  expirationMs: null,
  metadata: null,
  contentType: null,
  ...more,
});

/** For comparisons, which tell a Buffer from another array of bytes. */
const comparable = (one: PortableEntry): PortableEntry => ({ ...one, value: Buffer.from(one.value) });

/** Faults that come again and again, each kind in its turn, so that no request meets them every time. */
function recurring(faults: readonly (Fault | undefined)[]): (request: MockRequest) => Fault | undefined {
  return ({ number }) => faults[number % faults.length];
}

const BINARY = Buffer.from([0, 255, 254, 0x80, 10]);
const STORED: readonly PortableEntry[] = [
  entry("1", "an integer-like key"),
  entry("10", BINARY),
  entry("__proto__", "a name that objects have", { metadata: '{"a":1}' }),
  entry("empty", ""),
  // Text does not show that bytes are missing at the end of these.
  entry("high bytes", Buffer.alloc(40, 0xff)),
  entry("mark", "\ufefftext"),
  entry("null metadata", "x", { metadata: "null" }),
  entry("replacement", "a \ufffd that was stored"),
  entry("replacement alone", "\ufffd"),
  entry("schlüssel/ä?#%", "grüße", { metadata: '"text"' }),
  entry("with all", BINARY, { metadata: '[1,"zwei",{"drei":null}]', expirationMs: 4_000_000_000_000 }),
  entry("with expiry", "soon", { expirationMs: 4_000_000_000_000 }),
  entry("\u{10ffff}", "last in the order of bytes"),
];

describe("a namespace at Cloudflare", () => {
  test.each([
    ["without faults", []],
    ["that throttles", [undefined, { status: 429, retryAfter: "7" }, undefined]],
    ["that fails", [undefined, { status: 500 }, { status: 503, retryAfter: "1" }, undefined]],
    ["that drops connections", [undefined, "drop", "cut", undefined]],
    ["that truncates", [undefined, "truncate", undefined]],
    [
      "that does it all",
      [undefined, "cut", { status: 429, retryAfter: "1" }, "truncate", { status: 502 }, undefined, undefined],
    ],
  ] satisfies [string, (Fault | undefined)[]][])("%s returns what was written", async (_, faults) => {
    const { mock, source, requester, address } = await place();
    if (faults.length > 0) mock.fault = recurring(faults);
    const report = await new CloudflareSink(requester, address).write(STORED);
    expect(report).toMatchObject({ written: STORED.length, skipped: 0, expired: 0, refused: [] });
    expect(await read(source)).toEqual(STORED);
  });

  test("of thousands of keys is read whole, a part, and from a key on", async () => {
    const { mock, namespace, source } = await place();
    const keys = Array.from({ length: 2_345 }, (_, at) => `key:${String(at).padStart(5, "0")}`);
    for (const key of keys) namespace.put(key, `value of ${key}`);
    expect((await read(source)).map(({ key }) => key)).toEqual(keys);
    // 3 lists and 24 bulk reads.
    expect(mock.requests.length).toBeLessThanOrEqual(30);
    expect((await read(source, { limit: 7 })).map(({ key }) => key)).toEqual(keys.slice(0, 7));
    expect(
      (await read(source, { prefix: "key:02", after: keys[2_100], limit: 300 })).map(({ key }) => key),
    ).toEqual(keys.slice(2_101));
    expect(await source.count("key:00")).toBe(1000);
  });

  test("returns large values, each in a response of its own", async () => {
    const { namespace, source } = await place();
    // Together more than the 25 MB of a bulk read.
    for (let at = 0; at < 7; at++) namespace.put(`large ${at}`, Buffer.alloc(4_000_000, 65 + at));
    namespace.put("large binary", Buffer.alloc(1_000_000, 0xff));
    namespace.put("largest", Buffer.alloc(26_214_400, 66));
    const found = new Map((await read(source)).map(({ key, value }) => [key, value]));
    const sizes = [...found.values()].map(({ byteLength }) => byteLength);
    expect(sizes).toEqual([...Array(7).fill(4_000_000), 1_000_000, 26_214_400]);
    expect(found.get("large 6")?.[3_999_999]).toBe(71);
    expect(found.get("large binary")?.every((byte) => byte === 0xff)).toBe(true);
    expect(found.get("largest")?.at(-1)).toBe(66);
  });

  test("takes the largest values, also in base64 and with metadata", async () => {
    const { namespace, requester, address } = await place();
    const value = Buffer.alloc(26_214_400, 7);
    const report = await new CloudflareSink(requester, address).write([
      entry("plain", value),
      entry("described", value, { metadata: '{"a":"ä"}', expirationMs: 4_000_000_000_000 }),
    ]);
    expect(report).toMatchObject({ written: 2, bytes: 2 * 26_214_400 });
    expect(namespace.entries.get("plain")?.value.equals(value)).toBe(true);
    expect(namespace.entries.get("described")).toMatchObject({
      metadata: { a: "ä" },
      expiration: 4_000_000_000,
    });
    expect(namespace.entries.get("described")?.value.equals(value)).toBe(true);
  });

  test("loses nothing that a bulk read loses, where the list shows it", async () => {
    const { mock, namespace, address } = await place();
    namespace.put("a", "one", { expiration: 4_000_000_000, metadata: { n: 1 } });
    namespace.put("b", "two", { metadata: [2] });
    const lossy: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!String(input).endsWith("/bulk/get")) return response;
      const body = (await response.json()) as { result: { values: Record<string, { value: string }> } };
      const values = Object.fromEntries(
        Object.entries(body.result.values).map(([key, { value }]) => [key, { value, metadata: null }]),
      );
      return Response.json({ ...body, result: { values } });
    };
    const source = new CloudflareSource(
      new CloudflareRequester({
        baseUrl: mock.url,
        headers: { Authorization: `Bearer ${mock.token}` },
        fetch: lossy,
      }),
      address,
    );
    expect(await read(source)).toEqual([
      entry("a", "one", { expirationMs: 4_000_000_000_000, metadata: '{"n":1}' }),
      entry("b", "two", { metadata: "[2]" }),
    ]);
  });

  test("reads a sample exactly even if bulk reads drop byte order marks", async () => {
    const { namespace, source } = await place({ dropsMarks: true });
    namespace.put("mark", "\ufefftext", { metadata: { n: 1 } });
    expect((await read(source))[0]?.value.toString()).toBe("text");
    const found: PortableEntry[] = [];
    for await (const entries of source.readKeys([{ name: "mark" }, { name: "missing" }]))
      found.push(...entries.map(comparable));
    expect(found).toEqual([entry("mark", "\ufefftext", { metadata: '{"n":1}' })]);
  });
});

describe("a write to Cloudflare", () => {
  test("skips or refuses keys that exist, and counts without writing", async () => {
    const { namespace, requester, address } = await place();
    namespace.put("old", "kept");
    const entries = [entry("new", "1"), entry("old", "2")];
    const sink = (options: object) => new CloudflareSink(requester, { ...address, ...options });
    expect(await sink({ onConflict: "skip", dryRun: true }).write(entries)).toMatchObject({
      written: 1,
      skipped: 1,
    });
    expect(await sink({ dryRun: true }).write(entries)).toMatchObject({ written: 2, skipped: 0 });
    expect([...namespace.entries.keys()]).toEqual(["old"]);
    expect(await sink({ onConflict: "fail" }).write(entries)).toMatchObject({
      written: 1,
      refused: [{ index: 1, error: { code: "condition_failed" } }],
    });
    expect(await sink({ onConflict: "skip" }).write(entries)).toMatchObject({ written: 0, skipped: 2 });
    expect(namespace.entries.get("old")?.value.toString()).toBe("kept");
    expect(await sink({}).write(entries)).toMatchObject({ written: 2 });
    expect(namespace.entries.get("old")?.value.toString()).toBe("2");
  });

  test("leaves out what expires within a minute, and refuses what Cloudflare cannot keep", async () => {
    const { namespace, requester, address, timer } = await place();
    const report = await new CloudflareSink(requester, address).write([
      entry("gone", "x", { expirationMs: timer.nowMs() - 1 }),
      entry("going", "x", { expirationMs: timer.nowMs() + 30_000 }),
      entry("x".repeat(513), "x"),
      entry("described", "x", { metadata: JSON.stringify("x".repeat(1023)) }),
      entry("fine", "x", { expirationMs: timer.nowMs() + 120_000 }),
    ]);
    expect(report).toMatchObject({
      written: 1,
      bytes: 1,
      expired: 2,
      refused: [
        { index: 2, error: { code: "key_too_long" } },
        { index: 3, error: { code: "metadata_too_large" } },
      ],
    });
    expect([...namespace.entries.keys()]).toEqual(["fine"]);
  });

  test("finds the pairs for which a bulk write is refused, and writes the others", async () => {
    const { mock, namespace, address } = await place();
    const poisoned: typeof fetch = async (input, init) => {
      const pairs = init?.method === "PUT" ? (JSON.parse(String(init.body)) as { key: string }[]) : [];
      if (!pairs.some(({ key }) => key === "k77" || key === "k4")) return fetch(input, init);
      return Response.json(
        { success: false, errors: [{ code: 10_001, message: "put: 'no'" }] },
        { status: 400 },
      );
    };
    namespace.put("k4", "old");
    const sink = new CloudflareSink(
      new CloudflareRequester({
        baseUrl: mock.url,
        headers: { Authorization: `Bearer ${mock.token}` },
        fetch: poisoned,
      }),
      address,
    );
    const report = await sink.write(Array.from({ length: 300 }, (_, at) => entry(`k${at}`, "new")));
    expect(report).toMatchObject({ written: 298, refused: [{ index: 4 }, { index: 77 }] });
    expect(report.refused[0]?.error.message).toContain("put: 'no'");
    expect(namespace.entries.size).toBe(299);
  });
});

describe("a bulk write that was done in part", () => {
  /** Names `k1` as not written, so many times. */
  async function partly(times: number) {
    const { mock, address } = await place();
    let left = times;
    const partial: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (init?.method !== "PUT" || left-- <= 0) return response;
      return Response.json({ ...((await response.json()) as object), result: { unsuccessful_keys: ["k1"] } });
    };
    const headers = { Authorization: `Bearer ${mock.token}` };
    const requester = new CloudflareRequester({ baseUrl: mock.url, headers, fetch: partial });
    const report = await new CloudflareSink(requester, address).write([entry("k0", "a"), entry("k1", "bc")]);
    return { report, writes: mock.requests.filter(({ method }) => method === "PUT").length };
  }

  test("is repeated for the keys that are missing", async () => {
    const { report, writes } = await partly(2);
    expect(report).toMatchObject({ written: 2, bytes: 3, refused: [] });
    expect(writes).toBe(3);
  });

  test("is given up after a bound, and names the keys", async () => {
    const { report } = await partly(100);
    expect(report).toMatchObject({
      written: 1,
      bytes: 1,
      refused: [{ index: 1, error: { code: "unavailable" } }],
    });
  });
});

describe("the requests to Cloudflare", () => {
  test("stay below the limit of Cloudflare, so that none is refused", async () => {
    const timer = new FakeTimer();
    const sentMs: number[] = [];
    const requester = new CloudflareRequester({
      baseUrl: "https://api.cloudflare.com/client/v4",
      headers: {},
      timer,
      fetch: async () => {
        sentMs.push(timer.nowMs());
        return Response.json({ success: true, result: [{ name: "a" }], result_info: { cursor: "" } });
      },
    });
    const source = new CloudflareSource(requester, { account: "a", namespace: "n" });
    for (let at = 0; at < 1250; at++) expect(await source.count("")).toBe(1);
    expect(timer.slept).toEqual([300_000]);
    expect(sentMs.filter((ms) => ms < (sentMs[0] ?? 0) + 300_000)).toHaveLength(1200);
  });

  test("pause as long as the service asks, and then come back more slowly", async () => {
    const { mock, namespace, source, requester, timer } = await place();
    const random = new Random("throttled");
    for (let at = 0; at < 1000; at++) namespace.put(`k${at}`, String(random.next()));
    await read(source);
    const before = requester.gate.limit;
    expect(before).toBeGreaterThan(2);
    let left = 3;
    mock.fault = () => (left-- > 0 ? { status: 429, retryAfter: "240" } : undefined);
    expect(await source.count("")).toBe(1000);
    expect(timer.slept.filter((ms) => ms === 240_000)).toHaveLength(3);
    expect(requester.gate.limit).toBeLessThan(before);
  });

  test("are given up after a bound", async () => {
    const { mock, source } = await place();
    mock.fault = () => ({ status: 500, message: "out of order" });
    await expect(source.count("")).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("out of order"),
    });
    expect(mock.requests).toHaveLength(8);
  });

  test.each([
    [
      { status: 400, code: 9106, message: "Authentication failed" },
      "unauthorized",
      /does not accept the token/,
    ],
    [
      { status: 401, code: 10_000, message: "Authentication error" },
      "unauthorized",
      /does not accept the token/,
    ],
    [
      { status: 403, code: 10_000, message: "Authentication error" },
      "forbidden",
      /may not do this in the account/,
    ],
    [{ status: 404, code: 7003, message: "Could not route" }, "route_not_found", /has no account/],
    [
      { status: 404, code: 10_013, message: "list keys: 'namespace not found'" },
      "namespace_not_found",
      /no namespace/,
    ],
    [{ status: 429, code: 10_048, message: "free usage limit" }, "rate_limited", /plan allows no more/],
    [
      { status: 400, code: 10_001, message: "Invalid\u001b[31m cursor" },
      "bad_request",
      /^Cloudflare: Invalid \[31m cursor/,
    ],
  ] satisfies [Fault, string, RegExp][])("fail with one sentence at %j", async (fault, code, message) => {
    const { mock, source } = await place();
    mock.fault = () => fault;
    await expect(source.count("")).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(mock.requests).toHaveLength(1);
  });

  test("do not repeat the token in an error", async () => {
    const { mock, source } = await place();
    mock.fault = () => ({ status: 400, code: 1, message: `Bad token ${mock.token}!` });
    await expect(source.count("")).rejects.toMatchObject({ message: "Cloudflare: Bad token …! (code 1)" });
  });

  test("find a namespace by its title and its id, and create one", async () => {
    const { mock, requester, namespace } = await place();
    const { account } = mock;
    for (let at = 0; at < 250; at++) mock.create(`a title ${at}`);
    const find = (name: string) => findCloudflareNamespace(requester, { account, name });
    expect(await find("main")).toEqual({ id: namespace.id, title: "main" });
    expect(await find(namespace.id)).toEqual({ id: namespace.id, title: "main" });
    expect(await find("none")).toBeUndefined();
    expect(await find("f".repeat(32))).toBeUndefined();
    const created = await createCloudflareNamespace(requester, { account, title: "none" });
    expect(await find("none")).toEqual(created);
    expect(await createCloudflareNamespace(requester, { account, title: "none" })).toEqual(created);
  });
});
