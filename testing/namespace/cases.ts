import type { NamespaceCase } from "./case.ts";
import { bulkCases } from "./cases/bulk.ts";
import { conditionCases } from "./cases/conditions.ts";
import { counterCases } from "./cases/counters.ts";
import { expiryCases } from "./cases/expiry.ts";
import { keyCases } from "./cases/keys.ts";
import { listCases } from "./cases/lists.ts";
import { metadataCases } from "./cases/metadata.ts";
import { putCases } from "./cases/puts.ts";
import { rangeCases } from "./cases/ranges.ts";
import { readCases } from "./cases/reads.ts";
import { watchCases } from "./cases/watch.ts";

/** Everything that a KVNamespace promises, whatever its backend. */
export const namespaceCases: readonly NamespaceCase[] = [
  ...keyCases,
  ...readCases,
  ...putCases,
  ...metadataCases,
  ...expiryCases,
  ...listCases,
  ...bulkCases,
  ...conditionCases,
  ...counterCases,
  ...rangeCases,
  ...watchCases,
];
