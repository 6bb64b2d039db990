import type { KVNamespace } from "@kvasir/client";
import { createAssert } from "./assert.js";
import { type CaseClock, looseNamespace } from "./case.js";
import { namespaceCases } from "./cases.js";

/**
 * Runs inside a function: runs the case that a request names on a namespace, and returns "passed" or the
 * failure.
 */
export async function runCase(url: string, kv: KVNamespace): Promise<string> {
  const { searchParams } = new URL(url);
  const name = searchParams.get("case");
  const found = namespaceCases.find((one) => one.name === name);
  if (found === undefined) return `There is no case "${name}"`;
  try {
    await found.run({
      kv,
      loose: looseNamespace(kv),
      clock: remoteClock(searchParams.get("control") ?? ""),
      assert: createAssert({ native: true }),
    });
    return "passed";
  } catch (error) {
    return error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
  }
}

/** The server's clock, which the test process holds. */
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
