import type { Scenario } from "../core/scenario.js";
import { raceEngines } from "../fixtures/engines.js";

const CALLERS = 32;

export const embeddedPut: Scenario = {
  name: "embedded-put",
  title: "What does a durable write cost on top of the database below, and against other stores for Node?",
  run: (bench) =>
    raceEngines(bench, {
      what: `durable put of 100-byte text, ${CALLERS} callers at once`,
      operation: "put",
      callers: CALLERS,
      peers: {
        lmdb: {
          note: "ours also keeps versions, a change log and an expiry index; the peer waits for `flushed`",
        },
        unstorage: { note: "the peer does not flush" },
      },
    }),
};
