import { HTTP_KEYS } from "../core/limits.js";
import { bareNodeHttp } from "../core/peer.js";
import { race } from "../core/rounds.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { targets } from "../core/targets.js";
import { Workspace } from "../core/workspace.js";
import { serveApi, serveCopies } from "../fixtures/http-servers.js";
import { describeWay, processCounts, waysWith } from "../fixtures/http-ways.js";
import { keyName, smallValue } from "../load/keys.js";
import { LoadGenerator } from "../load/load-generator.js";
import { startWebdis } from "../peers/webdis.js";

const keys = Array.from({ length: HTTP_KEYS }, (_, index) => keyName(index));

export const httpGet: Scenario = {
  name: "http-get",
  title: "How near is a GET to a Node server that only answers, and to Redis over HTTP?",
  async run(bench) {
    for (const processes of processCounts(bench)) {
      await Workspace.use((workspace) => measure({ ...bench, workspace }, processes));
    }
  },
};

async function measure(bench: Bench, processes: number): Promise<void> {
  const { workspace, effort } = bench;
  const { kvasir, api } = await serveApi(workspace, processes);
  for (const [index, key] of keys.entries()) await (await api.put(key, smallValue(index))).arrayBuffer();
  const webdis = await startWebdis(workspace, processes);
  if ("url" in webdis) await fillWebdis(webdis.url);
  const load = await LoadGenerator.start(workspace);

  for (const way of waysWith(bench, processes)) {
    const { dialect, connections, isTarget } = way;
    const paths = keys.map((key) => api.pathOf(key, dialect));
    const request = { paths, headers: api.headers };
    const ours = { ...request, url: kvasir.api, pids: [kvasir.pid] };
    const copies = await serveCopies(workspace, await api.ask(api.pathOf(keyName(0), dialect)), processes);
    await race(
      bench,
      { what: `GET of 100 bytes, ${describeWay(way)}`, unit: "requests/s" },
      load.contestant(ours, connections),
      [
        {
          peer: bareNodeHttp,
          contestant: load.contestant({ ...request, ...copies }, connections),
          notes: ["the peer sends the very same answer to everything"],
          ...(isTarget && { target: targets.httpGetOverBare }),
        },
        {
          ...("url" in webdis
            ? {
                peer: webdis.peer,
                contestant: load.contestant(
                  { url: webdis.url, pids: webdis.pids, paths: keys.map((key) => `/GET/${key}.txt`) },
                  connections,
                ),
              }
            : webdis),
          notes: ["the peer checks no token"],
          ...(isTarget && { target: targets.httpGetOverWebdis }),
        },
      ],
      { rounds: isTarget ? effort.rounds : effort.contextRounds },
    );
  }
}

async function fillWebdis(url: string): Promise<void> {
  for (const [index, key] of keys.entries()) {
    const response = await fetch(`${url}/SET/${key}`, { method: "PUT", body: smallValue(index) });
    if (!response.ok) throw new Error(`webdis answered ${response.status}.`);
    await response.arrayBuffer();
  }
}
