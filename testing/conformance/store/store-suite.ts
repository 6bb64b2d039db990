import { describe } from "vitest";
import { atomicCases } from "./cases/atomic.js";
import { changeCases } from "./cases/changes.js";
import { conditionCases } from "./cases/conditions.js";
import { counterCases } from "./cases/counters.js";
import { entryCases } from "./cases/entries.js";
import { expiryCases } from "./cases/expiry.js";
import { largeValueCases } from "./cases/large-values.js";
import { lifetimeCases } from "./cases/lifetime.js";
import { listCases } from "./cases/lists.js";
import { maintenanceCases } from "./cases/maintenance.js";
import { namespaceCases } from "./cases/namespaces.js";
import { rangeCases } from "./cases/ranges.js";
import { recordCases } from "./cases/records.js";
import { supportCases } from "./cases/supports.js";
import { transferCases } from "./cases/transfer.js";
import type { StoreUnderTest } from "./store-case.js";

/**
 * The conformance suites of `Store`: one for each part of the interface, and one for the store as a whole.
 *
 * To run them for a new engine, add `testing/conformance/store/ENGINE.test.ts`:
 *
 * ```ts
 * describeStore("my engine", {
 *   supports: { atomicAcrossKeys: false, durable: true, multiProcess: true, strong: true },
 *   open: async () => {
 *     const clock = new FakeClock();
 *     return { store: openMyStore(newPlace(), { clock }), clock };
 *   },
 *   reopen: async ({ store, clock }) => …, // closes it, and opens the same data
 *   openAgain: async ({ store, clock }) => …, // opens the same data beside it
 * });
 * ```
 *
 * Cases that need more than the engine `supports` are skipped; their names end with what they need, in
 * brackets. While an engine is being built, run the suites of the parts that it has: `describeStore("my
 * engine", under, ["entries"])`. Every store needs `namespaces.create`, because each case begins with a
 * namespace of its own. A layer runs the suites over the engine that it stands before.
 */
export function describeStore(
  name: string,
  under: StoreUnderTest,
  parts: readonly StorePart[] = Object.keys(PARTS) as StorePart[],
): void {
  describe(name, () => {
    for (const part of parts) for (const cases of PARTS[part]) cases(under);
  });
}

type StorePart = keyof typeof PARTS;

const PARTS = {
  entries: [
    entryCases,
    conditionCases,
    counterCases,
    expiryCases,
    listCases,
    largeValueCases,
    atomicCases,
    rangeCases,
  ],
  namespaces: [namespaceCases],
  changes: [changeCases],
  records: [recordCases],
  maintenance: [maintenanceCases],
  store: [supportCases, lifetimeCases, transferCases],
} satisfies Readonly<Record<string, readonly ((under: StoreUnderTest) => void)[]>>;
