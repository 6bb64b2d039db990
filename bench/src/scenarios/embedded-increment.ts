import type { Scenario } from "../core/scenario.js";
import { raceEngines } from "../fixtures/engines.js";

const CALLERS = 32;

export const embeddedIncrement: Scenario = {
  name: "embedded-increment",
  title: "What does a counter cost that nobody counts past?",
  run: (bench) =>
    raceEngines(bench, {
      what: `durable increment of one of 100 counters, ${CALLERS} callers at once`,
      operation: "increment",
      callers: CALLERS,
      peers: {
        lmdb: { note: "the peer reads and puts in a transaction, then waits for `flushed`" },
        unstorage: { cannot: "it has no counters: read and write lose increments" },
      },
    }),
};
