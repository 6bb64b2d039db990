import type { KVNamespace } from "@kvasir/client";
import { runCase } from "../../run-case.js";

/** A global of functions that are no Workers. */
declare const env: { readonly KV: KVNamespace };

export async function handler({ url }: Request): Promise<Response> {
  return new Response(await runCase(url, env.KV));
}
