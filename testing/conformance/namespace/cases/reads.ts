import { refusal, typeError } from "../assert.js";
import type { NamespaceCase } from "../case.js";

const UNKNOWN_TYPE = typeError(
  'Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".',
);
const OUT_OF_RANGE = typeError("Value out of range. Must be between -2147483648 and 2147483647 (inclusive).");

export const readCases: readonly NamespaceCase[] = [
  {
    name: "get: text, json, arrayBuffer and stream, by name and by options",
    async run({ kv, assert }) {
      const text = '{"n":1,"ü":[true,null]}';
      await kv.put("key", text);
      const bytes = new TextEncoder().encode(text);
      assert.same(await kv.get("key"), text);
      assert.same(await kv.get("key", "text"), text);
      assert.same(await kv.get("key", { type: "text" }), text);
      assert.same(await kv.get("key", {}), text);
      assert.same(await kv.get("key", "json"), JSON.parse(text));
      assert.same(await kv.get("key", { type: "json" }), JSON.parse(text));
      for (const buffer of [
        await kv.get("key", "arrayBuffer"),
        await kv.get("key", { type: "arrayBuffer" }),
      ]) {
        assert.ok(buffer instanceof ArrayBuffer, "an ArrayBuffer");
        assert.same(buffer, bytes);
      }
      for (const stream of [await kv.get("key", "stream"), await kv.get("key", { type: "stream" })]) {
        assert.ok(stream instanceof ReadableStream, "a ReadableStream");
        assert.same(new Uint8Array(await new Response(stream).arrayBuffer()), bytes);
      }
    },
  },
  {
    name: "get: null and undefined options are none, a third argument is ignored",
    async run({ kv, loose, assert }) {
      await kv.put("key", "value");
      assert.same(await loose.get("key", null), "value");
      assert.same(await loose.get("key", undefined), "value");
      assert.same(await loose.get("key", { type: undefined, cacheTtl: undefined }), "value");
      assert.same(await loose.get("key", "text", { type: "stream" }), "value");
    },
  },
  {
    name: "get: a missing key is null for every type, an unknown one included",
    async run({ loose, assert }) {
      for (const type of [undefined, "text", "json", "arrayBuffer", "stream", "banana", ""]) {
        assert.same(await loose.get("missing", type), null, String(type));
        assert.same(await loose.get("missing", { type }), null, String(type));
      }
    },
  },
  {
    name: "get: an unknown type is a TypeError once there is a value",
    async run({ kv, loose, assert }) {
      await kv.put("key", "value");
      for (const type of ["banana", "", "TEXT", 5, true]) {
        await assert.rejects(() => loose.get("key", type), UNKNOWN_TYPE);
        await assert.rejects(() => loose.getWithMetadata("key", type), UNKNOWN_TYPE);
      }
      await assert.rejects(() => loose.get("key", { type: null }), UNKNOWN_TYPE);
      assert.same(await kv.get("key"), "value", "afterwards");
    },
  },
  {
    name: "get: what is not JSON rejects with the engine's SyntaxError",
    async run({ kv, assert }) {
      await kv.put("key", "value");
      await kv.put("empty", "");
      await assert.rejects(() => kv.get("key", "json"), {
        name: "SyntaxError",
        message: `Unexpected token 'v', "value" is not valid JSON`,
      });
      await assert.rejects(() => kv.get("empty", "json"), { name: "SyntaxError" });
      await assert.rejects(() => kv.getWithMetadata("key", "json"), { name: "SyntaxError" });
    },
  },
  {
    name: "get: an empty value is not a missing one",
    async run({ kv, assert }) {
      await kv.put("key", "");
      assert.same(await kv.get("key"), "");
      assert.same((await kv.get("key", "arrayBuffer"))?.byteLength, 0);
      assert.same(await new Response(await kv.get("key", "stream")).text(), "");
      assert.same((await kv.get(["key"])).get("key"), "");
    },
  },
  {
    name: "get: bytes that are no UTF-8 read as U+FFFD, and a byte order mark stays",
    async run({ kv, assert }) {
      await kv.put("binary", new Uint8Array([65, 0xff, 66, 0]));
      assert.same(await kv.get("binary"), "A\uFFFDB\u0000");
      assert.same(await kv.get("binary", "arrayBuffer"), new Uint8Array([65, 0xff, 66, 0]));
      await kv.put("bom", "\uFEFFx");
      assert.same(await kv.get("bom"), "\uFEFFx");
      assert.same((await kv.get("bom", "arrayBuffer"))?.byteLength, 4);
    },
  },
  {
    name: "get: a stream can be read into the reader's own buffer, and cancelled half way",
    async run({ kv, assert }) {
      const value = new Uint8Array(400_000).map((_, at) => at % 251);
      await kv.put("key", value);
      const stream = (await kv.get("key", "stream")) as ReadableStream<Uint8Array>;
      const reader = stream.getReader({ mode: "byob" });
      const first = await reader.read(new Uint8Array(10));
      assert.same(first.value, value.subarray(0, 10));
      await reader.cancel();
      assert.same(await kv.get("key", "arrayBuffer"), value);
    },
  },
  {
    name: "get: an ArrayBuffer belongs to the caller",
    async run({ kv, assert }) {
      await kv.put("key", "value");
      const buffer = await kv.get("key", "arrayBuffer");
      new Uint8Array(buffer as ArrayBuffer).fill(0);
      assert.same(await kv.get("key"), "value");
    },
  },
  {
    name: "get: reads that start together are each as if made alone",
    async run({ kv, loose, assert }) {
      const bytes = new Uint8Array([0, 0xff, 65, 0x80]);
      await kv.put("bytes", bytes, { metadata: ["ü"] });
      await kv.put("text", "\uFEFFtext");
      const [asBytes, asText, notJson, odd, missing, empty, stream, withMetadata, symbol] =
        await Promise.allSettled([
          kv.get("bytes", "arrayBuffer"),
          kv.get("text"),
          kv.get("text", "json"),
          loose.get("text", "banana"),
          loose.get("missing", "banana"),
          kv.get(""),
          kv.get("bytes", "stream"),
          kv.getWithMetadata("bytes", { type: "arrayBuffer", version: true }),
          (async () => loose.get(Symbol("s")))(),
        ] as const);
      assert.same(asBytes.status === "fulfilled" && asBytes.value, bytes);
      assert.same(asText.status === "fulfilled" && asText.value, "\uFEFFtext");
      await assert.rejects(() => settled(notJson), { name: "SyntaxError" });
      await assert.rejects(() => settled(odd), UNKNOWN_TYPE);
      assert.same(await settled(missing), null);
      await assert.rejects(() => settled(empty), typeError("Key name cannot be empty."));
      const streamed = new Response((await settled(stream)) as ReadableStream);
      assert.same(new Uint8Array(await streamed.arrayBuffer()), bytes);
      const { value, metadata, version } = await settled(withMetadata);
      assert.same(value, bytes);
      assert.same(metadata, ["ü"]);
      assert.ok(typeof version === "number", "a version");
      await assert.rejects(() => settled(symbol), typeError(/Cannot convert a Symbol value/));
    },
  },
  {
    name: "cacheTtl: coerced to a 32-bit integer, at least 30",
    async run({ kv, loose, assert }) {
      await kv.put("key", "value");
      for (const cacheTtl of [30, 60.9, "61", 2147483647]) {
        assert.same(await loose.get("key", { cacheTtl }), "value", String(cacheTtl));
        assert.same(
          (await loose.get(["key"], { cacheTtl })) as Map<string, unknown>,
          new Map([["key", "value"]]),
        );
      }
      for (const [cacheTtl, sent] of [
        [29, 29],
        [29.9, 29],
        ["0", 0],
        [-60.9, -60],
        [Number.NaN, 0],
        [Number.POSITIVE_INFINITY, 0],
        [null, 0],
        [{}, 0],
        ["abc", 0],
        [true, 1],
      ] as const) {
        const text = `Invalid cache_ttl of ${sent}. Cache TTL must be at least 30.`;
        await assert.rejects(
          () => loose.get("key", { cacheTtl }),
          refusal("GET", 400, "cache_ttl_invalid", text),
        );
        await assert.rejects(
          () => loose.getWithMetadata("key", { cacheTtl }),
          refusal("GET", 400, "cache_ttl_invalid", text),
        );
      }
      for (const cacheTtl of [2 ** 31, -(2 ** 31) - 1, 1e20]) {
        await assert.rejects(() => loose.get("key", { cacheTtl }), OUT_OF_RANGE);
      }
    },
  },
  {
    name: "getWithMetadata: a missing key is an object of nulls",
    async run({ kv, loose, assert }) {
      const missing = { value: null, metadata: null, cacheStatus: null };
      for (const type of [undefined, "text", "json", "arrayBuffer", "stream", "banana"]) {
        const { cacheStatus, ...rest } = (await loose.getWithMetadata("missing", type)) as typeof missing;
        assert.same({ ...rest, cacheStatus: null }, missing, String(type));
        assert.ok(cacheStatus === null || typeof cacheStatus === "string", "cacheStatus is text or null");
      }
      assert.same(Object.keys(await kv.getWithMetadata("missing")), ["value", "metadata", "cacheStatus"]);
    },
  },
  {
    name: "getWithMetadata: the value in every type, beside the metadata",
    async run({ kv, assert }) {
      await kv.put("key", "[1]", { metadata: { a: 1 } });
      const bytes = new TextEncoder().encode("[1]");
      assert.same((await kv.getWithMetadata("key")).value, "[1]");
      assert.same((await kv.getWithMetadata("key", "text")).value, "[1]");
      assert.same((await kv.getWithMetadata("key", { type: "json" })).value, [1]);
      const read = await kv.getWithMetadata<{ a: number }>("key", "arrayBuffer");
      assert.same(read.value, bytes);
      assert.same(read.metadata, { a: 1 });
      const streamed = await kv.getWithMetadata<{ a: number }>("key", "stream");
      assert.same(await new Response(streamed.value).text(), "[1]");
      assert.same(Object.keys(streamed), ["value", "metadata", "cacheStatus"]);
    },
  },
];

async function settled<T>(result: PromiseSettledResult<T>): Promise<T> {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}
