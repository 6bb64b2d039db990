import { kv } from "@kvasir/client";
import type { KVBinding } from "@kvasir/client/typed";
import { collect } from "./collect.js";

/** Uses a typed client inside a Worker, with any binding, and reports the results. */
export default {
  async fetch(_request: Request, env: { readonly KV: KVBinding }): Promise<Response> {
    return Response.json(await outcomes(env.KV));
  },
};

async function outcomes(binding: KVBinding): Promise<Record<string, unknown>> {
  const numbers = kv<number>(binding, { prefix: "n:", defaultTtl: 600 });
  const keys = Array.from({ length: 120 }, (_, index) => String(index).padStart(3, "0"));
  await numbers.putMany(keys.map((key, value) => ({ key, value, options: { metadata: { value } } })));
  const texts = kv<string | number>(binding, { serializer: "text" });
  await texts.putMany([
    { key: "1", value: 1 },
    { key: "2", value: "2" },
    { key: "a", value: "text" },
  ]);
  const bytes = kv<ArrayBuffer>(binding, { serializer: "arrayBuffer" });
  const outcome = (operation: Promise<unknown>) => operation.catch((error: unknown) => String(error));
  return {
    getMany: [...(await numbers.getMany([...keys, "missing"])).values()],
    // Integer-like keys, which Cloudflare's runtime drops from the result of a bulk read.
    texts: [...(await texts.getMany(["1", "2", "a", "b"]))],
    list: (await collect(numbers.list())).map(({ value, metadata }) => [value, metadata]),
    limited: (await collect(numbers.keys({ limit: 3 }))).map(({ key }) => key),
    listKeys: (await numbers.listKeys({ limit: 50 })).length,
    has: [await numbers.has("000"), await numbers.has("missing")],
    uncached: await numbers.get("001", { cacheTtl: false }),
    bytes: new Uint8Array((await bytes.get("a")) ?? new ArrayBuffer(0)).length,
    tooLong: await outcome(numbers.get("x".repeat(511))),
    refused: await outcome(numbers.get("000", { cacheTtl: 1 })),
    conditional: await outcome(numbers.put("000", 1, { ifAbsent: true })),
    counted: await outcome(numbers.increment("counter", 7)),
  };
}
