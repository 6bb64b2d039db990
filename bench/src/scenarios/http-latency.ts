import { HTTP_KEYS, LATENCY_PERCENTS } from "../core/limits.js";
import { bareNodeHttp } from "../core/peer.js";
import { compare, inTurns } from "../core/rounds.js";
import type { Missing, Peer } from "../core/row.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { percentile } from "../core/summary.js";
import type { Api } from "../fixtures/api.js";
import { serveApi, serveCopies } from "../fixtures/http-servers.js";
import { Arrivals, type ArrivalsAnswer, percentileMs } from "../load/arrivals.js";
import { keyName, smallValue } from "../load/keys.js";
import { LoadGenerator, type LoadTarget } from "../load/load-generator.js";
import { startWebdis } from "../peers/webdis.js";

const CONNECTIONS = 64;
/** Arrival rates, as percentages of the highest rate at which the server responds to the generator. */
const SHARES = [50, 80];
/** The percentiles with a row of their own. The chart has all of them. */
const PERCENTS = [50, 99, 99.9];

const keys = Array.from({ length: HTTP_KEYS }, (_, index) => keyName(index));

interface Path {
  readonly method: "GET" | "PUT";
  readonly ours: LoadTarget;
  readonly peer: (Peer & { readonly target: LoadTarget }) | Missing;
}

export const httpLatency: Scenario = {
  name: "http-latency",
  title: "How long do answers take when requests arrive at a constant rate, answered or not?",
  async run(bench) {
    const { workspace } = bench;
    const { kvasir, api } = await serveApi(workspace, 1);
    for (const [index, key] of keys.entries()) {
      await (await api.put(key, smallValue(index))).arrayBuffer();
    }
    const server = { url: kvasir.api, pids: [kvasir.pid] };
    const load = await LoadGenerator.start(workspace);
    const arrivals = await Arrivals.start(workspace);
    for (const path of [await getPath(bench, api, server), await putPath(bench, api, server)]) {
      const full = load.contestant(path.ours, CONNECTIONS);
      const [rates = []] = await inTurns([full], { ...bench.effort, rounds: bench.effort.contextRounds });
      const capacity = await capacityFor(bench, arrivals, path.ours, percentile(rates, 50));
      for (const share of SHARES) await measure(bench, arrivals, path, { capacity, share });
    }
  },
};

type Server = Pick<LoadTarget, "url" | "pids">;

async function getPath({ workspace }: Bench, api: Api, server: Server): Promise<Path> {
  const request = { paths: keys.map((key) => api.pathOf(key)), headers: api.headers };
  const copies = await serveCopies(workspace, await api.get(keyName(0)), 1);
  return {
    method: "GET",
    ours: { ...request, ...server },
    peer: { ...bareNodeHttp, target: { ...request, ...copies } },
  };
}

async function putPath({ workspace }: Bench, api: Api, server: Server): Promise<Path> {
  const write = { method: "PUT", body: smallValue(0) } as const;
  const ours = { ...write, paths: keys.map((key) => api.pathOf(key)), headers: api.headers, ...server };
  const webdis = await startWebdis(workspace);
  if ("missing" in webdis) return { method: "PUT", ours, peer: webdis };
  const { url, pids, peer } = webdis;
  return {
    method: "PUT",
    ours,
    peer: { ...peer, target: { ...write, url, pids, paths: keys.map((key) => `/SET/${key}`) } },
  };
}

/**
 * The highest rate at which the server responds to this generator, which uses more CPU than `wrk`. Measured
 * with more arrivals than the server can handle.
 */
async function capacityFor(
  bench: Bench,
  arrivals: Arrivals,
  target: LoadTarget,
  tooMuch: number,
): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < bench.effort.contextRounds; round++) {
    const load = { ...target, connections: CONNECTIONS, rate: tooMuch, ms: bench.effort.roundMs };
    rates.push((await arrivals.ask(load)).rate);
  }
  return percentile(rates, 50);
}

async function measure(
  bench: Bench,
  arrivals: Arrivals,
  { method, ours, peer }: Path,
  { capacity, share }: { readonly capacity: number; readonly share: number },
): Promise<void> {
  const rate = Math.round((capacity * share) / 100);
  const ask = (target: LoadTarget) =>
    arrivals.ask({ ...target, connections: CONNECTIONS, rate, ms: bench.effort.latencyMs });
  const answers: { ours: ArrivalsAnswer[]; peer: ArrivalsAnswer[] } = { ours: [], peer: [] };
  for (let round = 0; round < bench.effort.contextRounds; round++) {
    answers.ours.push(await ask(ours));
    if ("target" in peer) answers.peer.push(await ask(peer.target));
  }
  const at = `${method} at ${share} % of what one process answers`;
  const notes = [
    `the generator noticed requests ${median(answers.ours, ({ lagMs }) => lagMs).toFixed(2)} ms late (p99)`,
  ];
  const load = `${rate.toLocaleString("en-US")} arrivals/s on ${CONNECTIONS} connections`;
  if ("missing" in peer) bench.report({ what: `latency of ${at}`, ...peer });
  for (const percent of PERCENTS) {
    const samples = (of: readonly ArrivalsAnswer[]) => of.map((answer) => percentileMs(answer, percent));
    const what = `p${percent} of ${at}`;
    const against = "target" in peer ? { ...peer, samples: samples(answers.peer) } : undefined;
    bench.report({
      ...compare({ what, unit: "ms" }, samples(answers.ours), against),
      load,
      notes,
    });
  }
  const chart = `latency-${method.toLowerCase()}`;
  const plot = (label: string, of: readonly ArrivalsAnswer[]) =>
    bench.plot({
      chart,
      label: `${label}, ${share} %`,
      points: LATENCY_PERCENTS.map((percent) => [
        percent,
        median(of, (answer) => percentileMs(answer, percent)),
      ]),
    });
  plot("kvasir", answers.ours);
  if ("target" in peer) plot(peer.name, answers.peer);
}

function median(answers: readonly ArrivalsAnswer[], figure: (answer: ArrivalsAnswer) => number): number {
  return percentile(answers.map(figure), 50);
}
