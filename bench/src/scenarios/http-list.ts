import { LIST_KEYS } from "../core/limits.js";
import { bareNodeHttp } from "../core/peer.js";
import { race } from "../core/rounds.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { Workspace } from "../core/workspace.js";
import { fillOverHttp } from "../fixtures/fill-over-http.js";
import { serveApi, serveCopies } from "../fixtures/http-servers.js";
import { describeWay, processCounts, waysWith } from "../fixtures/http-ways.js";
import { LoadGenerator } from "../load/load-generator.js";

/** The prefixes of the keys of ten pages. */
const PREFIXES = Array.from({ length: 10 }, (_, index) => `page-${index}:`);

export const httpList: Scenario = {
  name: "http-list",
  title: "What does a page of a list cost over HTTP?",
  async run(bench) {
    for (const processes of processCounts(bench)) {
      await Workspace.use((workspace) => measure({ ...bench, workspace }, processes));
    }
  },
};

async function measure(bench: Bench, processes: number): Promise<void> {
  const { workspace, effort } = bench;
  const { kvasir, api } = await serveApi(workspace, processes);
  await fillOverHttp(api, PREFIXES);
  const load = await LoadGenerator.start(workspace);
  for (const way of waysWith(bench, processes)) {
    const { dialect, connections } = way;
    const paths = PREFIXES.map((prefix) => api.listPathOf(prefix, dialect));
    const request = { paths, headers: api.headers };
    const copies = await serveCopies(workspace, await api.ask(paths[0] ?? ""), processes);
    await race(
      bench,
      { what: `list page of ${LIST_KEYS} names, ${describeWay(way)}`, unit: "requests/s" },
      load.contestant({ ...request, url: kvasir.api, pids: [kvasir.pid] }, connections),
      [
        {
          peer: bareNodeHttp,
          contestant: load.contestant({ ...request, ...copies }, connections),
          notes: ["the peer sends the very same answer to everything, read from nowhere"],
        },
      ],
      { rounds: effort.contextRounds },
    );
  }
}
