import { LIST_KEYS } from "../core/limits.js";
import type { Scenario } from "../core/scenario.js";
import { raceEngines } from "../fixtures/engines.js";

export const embeddedList: Scenario = {
  name: "embedded-list",
  title: "What does a page of a list cost?",
  run: (bench) =>
    raceEngines(bench, {
      what: `page of ${LIST_KEYS} names from a random place among 100,000`,
      operation: "list",
      peers: {
        lmdb: {
          note: "ours leaves out what has expired and reads each entry's metadata; the peer reads names",
        },
        "deno-kv": { note: "the peer answers with the values too" },
        redis: { cannot: "it keeps no order of its keys, so it has no page from a place on" },
        unstorage: { cannot: "it has no pages: getKeys reads the whole directory" },
      },
    }),
};
