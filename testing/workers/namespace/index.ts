import type { KVNamespace } from "@kvasir/client";
import { createAssert } from "../../namespace/assert.ts";
import { type CaseClock, looseNamespace } from "../../namespace/case.ts";
import { namespaceCases } from "../../namespace/cases.ts";

/** Runs one case of the table, by its name, on the namespace that it is bound to. */
export default {
  async fetch(request: Request, { KV }: { KV: KVNamespace }): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const name = searchParams.get("case");
    const found = namespaceCases.find((one) => one.name === name);
    if (found === undefined) return new Response(`There is no case "${name}"`, { status: 404 });
    try {
      await found.run({
        kv: KV,
        loose: looseNamespace(KV),
        clock: remoteClock(searchParams.get("control") ?? ""),
        assert: createAssert({ native: true }),
      });
      return new Response("passed");
    } catch (error) {
      return new Response(error instanceof Error ? `${error.message}\n${error.stack}` : String(error), {
        status: 500,
      });
    }
  },
};

/** The clock of the server, which the test process holds. */
function remoteClock(control: string): CaseClock {
  const advance = async (ms: number) => Number(await (await fetch(`${control}/?advance=${ms}`)).text());
  return {
    async nowSeconds() {
      return Math.floor((await advance(0)) / 1000);
    },
    async advance(ms) {
      await advance(ms);
    },
  };
}
