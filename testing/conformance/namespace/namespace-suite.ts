import type { KVNamespace } from "@kvasir/client";
import { describe, test } from "vitest";
import { createAssert } from "./assert.js";
import { type CaseClock, looseNamespace } from "./case.js";
import { namespaceCases } from "./cases.js";

/** Access to one kind of namespace. */
export interface NamespaceDriver {
  /** Returns a new, empty namespace. */
  make(): Promise<KVNamespace>;
  /** The clock of its store. */
  readonly clock: CaseClock;
}

/** Runs all cases in this process. */
export function namespaceSuite(name: string, driver: () => NamespaceDriver): void {
  describe(name, () => {
    for (const { name, run } of namespaceCases) {
      test(name, async () => {
        const { make, clock } = driver();
        const kv = await make();
        await run({ kv, loose: looseNamespace(kv), clock, assert: createAssert() });
      });
    }
  });
}
