import type { Scenario } from "../core/scenario.js";
import { targets } from "../core/targets.js";
import { raceEngines } from "../fixtures/engines.js";

export const embeddedGet: Scenario = {
  name: "embedded-get",
  title: "What does a read cost on top of the database below, and against other stores for Node?",
  run: (bench) =>
    raceEngines(bench, {
      what: "embedded get of 100-byte text, 100,000 keys in random order",
      operation: "get",
      peers: {
        lmdb: { note: "ours awaits a promise and decodes text; the peer answers with bytes at once" },
      },
      targets: { lmdb: targets.getOverLmdb, "deno-kv": targets.getOverDenoKv, redis: targets.getOverRedis },
    }),
};
