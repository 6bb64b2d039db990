import { RedisCluster } from "../../harness/redis-cluster.js";
import type { FaultsInput } from "../cluster/fault-process.js";
import { FAULTS } from "../cluster/faults.js";
import { addressOf, Network } from "../cluster/network.js";
import { runFaults } from "../cluster/run.js";

/** Runs faults on a cluster of its own, in a network of its own if it has one. Prints a line for each run. */
const { ownNetwork, replicas, clientProgram, runs } = JSON.parse(process.argv[2] ?? "") as FaultsInput;
const network = ownNetwork ? Network.setUp() : null;
const cluster = await RedisCluster.start({ replicas, hostOf: (at) => addressOf(network, "node", at) });
// The parent is gone, or wants no more.
process.stdin.once("end", () => void cluster.stop().finally(() => process.exit(1)));
process.stdin.resume();
try {
  for (const { seed, acks, faults } of runs) {
    const chosen = faults.map((name) => {
      const fault = FAULTS.find((one) => one.name === name);
      if (fault === undefined) throw new TypeError(`There is no fault "${name}".`);
      return fault;
    });
    const report = await runFaults(cluster, chosen, { seed, acks, clientProgram, network });
    console.log(JSON.stringify(report));
  }
} finally {
  await cluster.stop();
  process.stdin.destroy();
}
