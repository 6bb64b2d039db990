import { describe, expect, test } from "vitest";
import { atomicCases } from "./cases/atomic.js";
import { conditionCases } from "./cases/conditions.js";
import { counterCases } from "./cases/counters.js";
import { entryCases } from "./cases/entries.js";
import { expiryCases } from "./cases/expiry.js";
import { largeValueCases } from "./cases/large-values.js";
import { lifetimeCases } from "./cases/lifetime.js";
import { listCases } from "./cases/lists.js";
import { namespaceCases } from "./cases/namespaces.js";
import { recordCases } from "./cases/records.js";
import { watchCases } from "./cases/watch.js";
import { type StoreUnderTest, useStore } from "./store-case.js";

/**
 * What every implementation of `Store` must do. Cases that need more than `supports` declares are skipped and
 * say so.
 */
export function describeStore(name: string, under: StoreUnderTest): void {
  describe(name, () => {
    const opened = useStore(under);
    test("supports what the suite was told", () => {
      expect(opened().store.supports.strong).toBe(under.strong ?? true);
    });
    entryCases(under);
    conditionCases(under);
    counterCases(under);
    expiryCases(under);
    listCases(under);
    largeValueCases(under);
    atomicCases(under);
    namespaceCases(under);
    recordCases(under);
    watchCases(under);
    lifetimeCases(under);
  });
}
