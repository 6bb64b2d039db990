import type { KVNamespace } from "@kvasir/client";
import { runCase } from "../../run-case.js";

export default {
  async fetch({ url }: Request, { KV }: { KV: KVNamespace }): Promise<Response> {
    return new Response(await runCase(url, KV));
  },
};
