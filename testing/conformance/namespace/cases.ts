import type { NamespaceCase } from "./case.js";
import { bulkCases } from "./cases/bulk.js";
import { conditionCases } from "./cases/conditions.js";
import { counterCases } from "./cases/counters.js";
import { expiryCases } from "./cases/expiry.js";
import { keyCases } from "./cases/keys.js";
import { listCases } from "./cases/lists.js";
import { metadataCases } from "./cases/metadata.js";
import { putCases } from "./cases/puts.js";
import { rangeCases } from "./cases/ranges.js";
import { readCases } from "./cases/reads.js";
import { watchCases } from "./cases/watch.js";

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
