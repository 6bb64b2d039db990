import { Api } from "../fixtures/api.js";
import { keyName, smallValue } from "../fixtures/keys.js";
import { HTTP_KEYS, ROUNDS_CONTEXT, WARMUP_MS } from "../limits.js";
import { bareNodeHttp } from "../peers.js";
import { startKvasir } from "../processes/kvasir.js";
import { LoadGenerator } from "../processes/load.js";
import { Program } from "../processes/program.js";
import { cpuNote } from "../processes/usage.js";
import { compare, inTurns } from "../rounds.js";
import { ratioAtLeast } from "../row.js";
import type { Bench, Scenario } from "../scenario.js";

/** The number of connections that the target is about, and two for context. */
const CONNECTIONS = 32;
const CONNECTIONS_CONTEXT = [1, 256];

export const httpGet: Scenario = {
  name: "http-get",
  title: "How near is a GET through the Cloudflare dialect to a Node server that only answers?",
  async run(bench) {
    const { workspace } = bench;
    const kvasir = await startKvasir(workspace, ["serve", "--data", await workspace.directory("http-get")]);
    const api = await Api.create(kvasir.api, "bench");
    const keys = Array.from({ length: HTTP_KEYS }, (_, index) => keyName(index));
    for (const [index, key] of keys.entries()) await api.put(key, smallValue(index));

    const bare = await Program.start<{ url: string }>(workspace, "bare-http", {
      args: [JSON.stringify(await answerOf(api))],
    });
    const load = await LoadGenerator.start(workspace);
    const paths = keys.map((key) => api.pathOf(key));
    const { headers } = api;
    const ours = { url: kvasir.api, pid: kvasir.pid, paths, headers };
    const peer = { url: bare.ready.url, pid: bare.pid, paths, headers };

    for (const connections of [CONNECTIONS, ...CONNECTIONS_CONTEXT]) {
      const isTarget = connections === CONNECTIONS;
      const contestants = [load.contestant(ours, connections), load.contestant(peer, connections)] as const;
      const [ourSamples = [], samples = []] = await inTurns(contestants, {
        rounds: isTarget ? bench.rounds : ROUNDS_CONTEXT,
        roundMs: bench.roundMs,
        warmupMs: WARMUP_MS,
      });
      bench.report(
        compare(
          {
            what: `GET of 100 bytes, token checked, ${connections} connections`,
            unit: "requests/s",
            ...(isTarget && { target: ratioAtLeast(0.85) }),
            notes: [cpuNote(contestants[0].cpuUs, contestants[1].cpuUs)],
          },
          ourSamples,
          { ...bareNodeHttp, samples },
        ),
      );
    }
    reportMissing(bench);
  },
};

/** What Kvasir answers, for the peer to send the very same; `date` and the connection's own are Node's to add. */
async function answerOf(api: Api): Promise<{ headers: Record<string, string>; body: string }> {
  const response = await api.get(keyName(0));
  const headers = Object.fromEntries(response.headers);
  for (const name of ["date", "connection", "keep-alive", "transfer-encoding"]) delete headers[name];
  return { headers, body: Buffer.from(await response.arrayBuffer()).toString("base64") };
}

function reportMissing(bench: Bench): void {
  bench.report({
    what: "GET of 100 bytes, 32 connections",
    missing: "webdis + Redis",
    reason: "this version of the suite does not start them yet",
  });
}
