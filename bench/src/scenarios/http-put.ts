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

export const httpPut: Scenario = {
  name: "http-put",
  title: "What does a PUT cost that is on disk before it is answered?",
  async run(bench) {
    for (const processes of processCounts(bench)) {
      await Workspace.use((workspace) => measure({ ...bench, workspace }, processes));
    }
  },
};

async function measure(bench: Bench, processes: number): Promise<void> {
  const { workspace, effort } = bench;
  const { kvasir, api } = await serveApi(workspace, processes);
  const webdis = await startWebdis(workspace, processes);
  const load = await LoadGenerator.start(workspace);
  const write = { method: "PUT", body: smallValue(0) } as const;

  for (const way of waysWith(bench, processes)) {
    const { dialect, connections, isTarget } = way;
    const request = {
      ...write,
      paths: keys.map((key) => api.pathOf(key, dialect)),
      headers: api.headers,
    };
    const copies = await serveCopies(workspace, await api.put(keyName(0), smallValue(0), dialect), processes);
    await race(
      bench,
      { what: `durable PUT of 100 bytes, ${describeWay(way)}`, unit: "requests/s" },
      load.contestant({ ...request, url: kvasir.api, pids: [kvasir.pid] }, connections),
      [
        {
          peer: bareNodeHttp,
          contestant: load.contestant({ ...request, ...copies }, connections),
          notes: ["the peer reads the body and forgets it"],
        },
        {
          ...("url" in webdis
            ? {
                peer: webdis.peer,
                contestant: load.contestant(
                  { ...write, url: webdis.url, pids: webdis.pids, paths: keys.map((key) => `/SET/${key}`) },
                  connections,
                ),
              }
            : webdis),
          notes: ["the peer checks no token"],
          ...(isTarget && { target: targets.httpPutOverWebdis }),
        },
      ],
      { rounds: isTarget ? effort.rounds : effort.contextRounds },
    );
  }
}
