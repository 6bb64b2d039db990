import { Api } from "../fixtures/api.js";
import { keyName, smallValue } from "../fixtures/keys.js";
import { HTTP_KEYS, WARMUP_MS } from "../limits.js";
import { bareNodeHttp } from "../peers.js";
import { startKvasir } from "../processes/kvasir.js";
import { LoadGenerator } from "../processes/load.js";
import { Program } from "../processes/program.js";
import { cpuNote } from "../processes/usage.js";
import { compare, inTurns } from "../rounds.js";
import type { Scenario } from "../scenario.js";

const CONNECTIONS = 32;

export const httpPut: Scenario = {
  name: "http-put",
  title: "What does a PUT cost that is on disk before it is answered?",
  async run(bench) {
    const { workspace } = bench;
    const kvasir = await startKvasir(workspace, ["serve", "--data", await workspace.directory("http-put")]);
    const api = await Api.create(kvasir.api, "bench");
    const paths = Array.from({ length: HTTP_KEYS }, (_, index) => api.pathOf(keyName(index)));
    const bare = await Program.start<{ url: string }>(workspace, "bare-http", {
      args: [JSON.stringify({ headers: { "content-type": "application/json" }, body: "" })],
    });
    const load = await LoadGenerator.start(workspace);

    const request = { method: "PUT", paths, headers: api.headers, body: smallValue(0) } as const;
    const ours = load.contestant({ ...request, url: kvasir.api, pid: kvasir.pid }, CONNECTIONS);
    const peer = load.contestant({ ...request, url: bare.ready.url, pid: bare.pid }, CONNECTIONS);
    const [ourSamples = [], samples = []] = await inTurns([ours, peer], {
      rounds: bench.rounds,
      roundMs: bench.roundMs,
      warmupMs: WARMUP_MS,
    });
    bench.report(
      compare(
        {
          what: `durable PUT of 100 bytes, ${CONNECTIONS} connections`,
          unit: "requests/s",
          notes: ["the peer reads the body and forgets it", cpuNote(ours.cpuUs, peer.cpuUs)],
        },
        ourSamples,
        { ...bareNodeHttp, samples },
      ),
    );
    bench.report({
      what: `durable PUT of 100 bytes, ${CONNECTIONS} connections`,
      missing: "webdis + Redis with appendfsync always",
      reason: "this version of the suite does not start them yet",
    });
  },
};
