import { BULK_GET_KEYS, BULK_PUT_KEYS } from "../core/limits.js";
import type { Scenario } from "../core/scenario.js";
import { Workspace } from "../core/workspace.js";
import { raceEngines } from "../fixtures/engines.js";

export const embeddedBulk: Scenario = {
  name: "embedded-bulk",
  title: "What do many keys cost in one call?",
  async run(bench) {
    await Workspace.use((workspace) =>
      raceEngines(
        { ...bench, workspace },
        {
          what: `bulk get of ${BULK_GET_KEYS} keys`,
          operation: "getTogether",
          peers: { "deno-kv": { note: "ten calls at once: the peer takes ten keys a call" } },
        },
      ),
    );
    await Workspace.use((workspace) =>
      raceEngines(
        { ...bench, workspace },
        {
          what: `durable put of ${BULK_PUT_KEYS} keys, all or none`,
          operation: "putTogether",
          peers: { unstorage: { cannot: "it has no transactions" } },
        },
      ),
    );
  },
};
