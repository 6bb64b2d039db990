import { LIST_KEYS } from "../core/limits.js";
import { race } from "../core/rounds.js";
import type { Scenario } from "../core/scenario.js";
import { ClusterProgram } from "../fixtures/cluster-contestants.js";
import { startRedisCluster } from "../fixtures/redis-cluster.js";
import type { ClusterOperation } from "../peers/programs/cluster.js";

const MEASURED: readonly (readonly [what: string, operation: ClusterOperation, callers: number])[] = [
  ["durable put, 256 callers at once", "put", 256],
  ["get, 256 callers at once", "get", 256],
  [`list page of ${LIST_KEYS} keys`, "list", 1],
];

export const clusterGrowth: Scenario = {
  name: "cluster-growth",
  title: "What does a large namespace cost on a cluster?",
  async run(bench) {
    if (bench.targetsOnly) return;
    const { workspace, effort } = bench;
    const cluster = await startRedisCluster(workspace);
    if ("missing" in cluster) return bench.report({ what: "namespaces of a cluster", ...cluster });
    const [few = 0, ...larger] = effort.clusterGrowth;
    const small = await ClusterProgram.start(workspace, cluster, { name: "kvasir", data: "small" });
    await small.fill(few);
    for (const many of larger) {
      const large = await ClusterProgram.start(workspace, cluster, { name: "kvasir", data: `large-${many}` });
      await large.fill(many);
      const peer = { name: `itself with ${few.toLocaleString("en-US")} keys`, version: "" };
      for (const [what, operation, callers] of MEASURED) {
        await race(
          bench,
          { what: `${what}, among ${many.toLocaleString("en-US")} keys of a cluster`, unit: "ops/s" },
          large.contestant({ operation, callers, among: many }),
          [{ peer, contestant: small.contestant({ operation, callers, among: few }) }],
        );
      }
      await large.stop();
    }
  },
};
