import type { KVNamespace } from "@kvasir/client";
import { runCase } from "../../namespace/run-case.ts";

export default {
  async fetch({ url }: Request, { KV }: { KV: KVNamespace }): Promise<Response> {
    return new Response(await runCase(url, KV));
  },
};
