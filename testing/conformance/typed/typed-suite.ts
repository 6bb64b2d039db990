import type { KVBinding } from "@kvasir/client/typed";
import type { FakeClock } from "@kvasir/store";
import { beforeEach, describe } from "vitest";
import { constructionCases } from "./cases/construction.js";
import { keysCases } from "./cases/keys.js";
import { listsCases } from "./cases/lists.js";
import { manyCases } from "./cases/many.js";
import { readsCases } from "./cases/reads.js";
import { serializersCases } from "./cases/serializers.js";
import { writesCases } from "./cases/writes.js";
import { TypedCaseContext } from "./typed-case-context.js";

const CASES = [
  constructionCases,
  readsCases,
  writesCases,
  keysCases,
  listsCases,
  manyCases,
  serializersCases,
];

/** What the typed client must do over any KVNamespace. */
export function typedSuite(title: string, setup: { clock: FakeClock; make(): Promise<KVBinding> }): void {
  describe(title, () => {
    const context = new TypedCaseContext(setup.clock);
    beforeEach(async () => context.begin(await setup.make()));
    for (const cases of CASES) cases(context);
  });
}
