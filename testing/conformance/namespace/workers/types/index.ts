import type { KVNamespace as KvasirNamespace, WorkersKV } from "@kvasir/client";

// Only compiled, never run. With a Worker's globals, our type is accepted wherever Workers KV's own type is
// required, so code that was written for that type compiles with ours.
declare const ours: KvasirNamespace;
export const asTheirs: KVNamespace = ours;

// In the other direction, a hosted binding has the methods that both share, and none of those that ours adds.
declare const theirs: KVNamespace;
export const asShared: WorkersKV = theirs;
// @ts-expect-error
export const asOurs: KvasirNamespace = theirs;

export async function writtenForWorkersKv(kv: KVNamespace): Promise<Response> {
  await kv.put("key", new Blob(["value"]).stream(), { expirationTtl: 60, metadata: { a: 1 } });
  const page = await kv.list<{ a: number }>({ prefix: "k", limit: 10 });
  const first: number | undefined = page.keys[0]?.metadata?.a;
  if (!page.list_complete) await kv.list({ cursor: page.cursor });
  const { value, metadata } = await kv.getWithMetadata<{ a: number }>("key", "stream");
  await kv.delete("key");
  return new Response(value, { headers: { A: String(first ?? metadata?.a) } });
}

export const call = () => writtenForWorkersKv(ours);
