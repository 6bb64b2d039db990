import { HTTP_KEYS } from "../core/limits.js";
import { type Contestant, race } from "../core/rounds.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { Api } from "../fixtures/api.js";
import { type KvasirProcess, startKvasir } from "../fixtures/kvasir.js";
import { startRedisCluster } from "../fixtures/redis-cluster.js";
import { keyName, smallValue } from "../load/keys.js";
import { LoadGenerator } from "../load/load-generator.js";
import { startWebdis } from "../peers/webdis.js";

const NODES = [1, 2, 4];
const CONNECTIONS = 64;
const keys = Array.from({ length: HTTP_KEYS }, (_, index) => keyName(index));

export const clusterNodes: Scenario = {
  name: "cluster-nodes",
  title: "What do several Kvasirs in front of one cluster serve over HTTP?",
  async run(bench) {
    if (bench.targetsOnly) return;
    const { workspace } = bench;
    const cluster = await startRedisCluster(workspace);
    if ("missing" in cluster) return bench.report({ what: "requests over a cluster", ...cluster });
    const locator = cluster.locator("bench");
    const servers: KvasirProcess[] = [];
    for (let at = 0; at < Math.max(...NODES); at++) {
      servers.push(await startKvasir(workspace, ["serve", "--data", locator]));
    }
    const [first] = servers;
    if (first === undefined) return;
    const api = await Api.create(first.api, "bench");
    for (const [index, key] of keys.entries()) await (await api.put(key, smallValue(index))).arrayBuffer();
    const load = await LoadGenerator.start(workspace);
    await measure(bench, { load, servers, api });
  },
};

async function measure(
  bench: Bench,
  {
    load,
    servers,
    api,
  }: { readonly load: LoadGenerator; readonly servers: readonly KvasirProcess[]; readonly api: Api },
): Promise<void> {
  const webdis = await startWebdis(bench.workspace);
  const paths = keys.map((key) => api.pathOf(key, "binding"));
  for (const method of ["PUT", "GET"] as const) {
    const body = method === "PUT" ? { body: smallValue(0) } : {};
    /** The same connections, spread over the first nodes. */
    const through = (count: number): Contestant => {
      const parts = servers
        .slice(0, count)
        .map(({ api: url, pid }) =>
          load.contestant(
            { url, pids: [pid], paths, headers: api.headers, method, ...body },
            CONNECTIONS / count,
          ),
        );
      return {
        load: parts[0]?.load ?? "",
        measure: async (ms) =>
          (await Promise.all(parts.map((part) => part.measure(ms)))).reduce((sum, rate) => sum + rate, 0),
      };
    };
    const what = `${method === "PUT" ? "durable PUT" : "GET"} of 100 bytes, ${CONNECTIONS} connections`;
    const unit = "requests/s" as const;
    await race(bench, { what: `${what}, one node on a cluster`, unit }, through(1), [
      "url" in webdis
        ? {
            peer: webdis.peer,
            contestant: load.contestant(
              {
                url: webdis.url,
                pids: webdis.pids,
                method,
                paths: keys.map((key) => (method === "PUT" ? `/SET/${key}` : `/GET/${key}.txt`)),
                ...body,
              },
              CONNECTIONS,
            ),
            notes: ["the peer has one Redis without a replica, and checks no token: it cannot use a cluster"],
          }
        : webdis,
    ]);
    for (const count of NODES.slice(1)) {
      await race(bench, { what: `${what}, ${count} nodes on a cluster`, unit }, through(count), [
        { peer: { name: "itself with one node", version: "" }, contestant: through(1) },
      ]);
    }
  }
}
