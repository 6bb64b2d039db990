import type { KVNamespace } from "@kvasir/client";
import { runCase } from "../../run-case.js";

/** Functions that are not Workers have `env` as a global. */
declare const env: { readonly KV: KVNamespace };

export async function handler({ url }: Request): Promise<Response> {
  return new Response(await runCase(url, env.KV));
}
