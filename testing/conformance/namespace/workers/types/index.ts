import type { KVNamespace as KvasirNamespace, WorkersKV } from "@kvasir/client";

// Compiled, never run: with the globals of a Worker, ours goes wherever Workers KV's own type is asked for, and
// code that was written for that type compiles against ours.
declare const ours: KvasirNamespace;
export const asTheirs: KVNamespace = ours;

// The other way, a hosted binding has the surface that both share, and none of what ours adds to it.
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
