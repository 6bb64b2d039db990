import { BULK_PUT_KEYS, LIST_KEYS } from "../core/limits.js";
import { race } from "../core/rounds.js";
import type { Missing } from "../core/row.js";
import type { Bench, Scenario } from "../core/scenario.js";
import { summarize } from "../core/summary.js";
import { type Target, targets } from "../core/targets.js";
import { ClusterProgram } from "../fixtures/cluster-contestants.js";
import { type BenchCluster, startRedisCluster } from "../fixtures/redis-cluster.js";
import type { ClusterOperation } from "../peers/programs/cluster.js";

const CALLERS = 256;
const ANNOUNCEMENTS = 25;
const NEW_KEYS_FROM = 10_000_000;

interface Measured {
  readonly what: string;
  readonly operation: ClusterOperation;
  readonly callers: number;
  readonly note: string;
  readonly target?: Target;
}

const MEASURED: readonly Measured[] = [
  {
    what: `durable put of 100-byte text, ${CALLERS} callers at once`,
    operation: "put",
    callers: CALLERS,
    note: "the peer keeps the value and nothing else: SET, one WAIT for what gathers",
    target: targets.clusterPut,
  },
  {
    what: `get of 100-byte text, ${CALLERS} callers at once`,
    operation: "get",
    callers: CALLERS,
    note: "the peer pipelines what is called in the same turn",
    target: targets.clusterGet,
  },
  {
    what: `durable increment of one of 100 counters, ${CALLERS} callers at once`,
    operation: "increment",
    callers: CALLERS,
    note: "the peer keeps the number and nothing else: INCR, one WAIT for what gathers",
  },
  {
    what: `durable put of ${BULK_PUT_KEYS} keys in one call`,
    operation: "putTogether",
    callers: 1,
    note: "the peer sends one pipeline of SET to each node",
  },
  {
    what: `list page of ${LIST_KEYS} keys`,
    operation: "list",
    callers: 1,
    note: "the peer reads names from one sorted set, on one node, which somebody else must keep up to date",
  },
  {
    what: "durable put of 100-byte text, one caller",
    operation: "put",
    callers: 1,
    note: "the peer keeps the value and nothing else",
  },
  { what: "get of 100-byte text, one caller", operation: "get", callers: 1, note: "the peer sends GET" },
];

export const cluster: Scenario = {
  name: "cluster",
  title: "What does Kvasir cost on top of the client of a cluster?",
  async run(bench) {
    const { workspace, effort, report } = bench;
    const started = await startRedisCluster(workspace);
    if ("missing" in started) return missing(bench, started);
    const [among = 0] = effort.growth;
    const ours = await ClusterProgram.start(workspace, started, { name: "kvasir", data: "bench" });
    const theirs = await ClusterProgram.start(workspace, started, { name: "client", data: "bench" });
    const peer = { name: "ioredis", version: `with Redis ${started.version}` };
    await ours.fill(among);
    await theirs.fill(among);
    for (const { what, operation, callers, note, target } of MEASURED) {
      const measurement = { operation, callers, among };
      await race(bench, { what, unit: "ops/s" }, ours.contestant(measurement), [
        { peer, contestant: theirs.contestant(measurement), notes: [note], ...(target && { target }) },
      ]);
    }
    if (bench.targetsOnly) return;
    await race(
      bench,
      { what: "from a durable put to the watch that is told of it, median", unit: "ms" },
      ours.announcements(ANNOUNCEMENTS),
      [
        {
          peer,
          contestant: theirs.announcements(ANNOUNCEMENTS),
          notes: ["the peer also writes to a stream, which another connection waits for"],
        },
      ],
    );
    for (const name of ["kvasir", "client"] as const) {
      const program = await ClusterProgram.start(workspace, started, { name, data: "memory" });
      report({
        what: `memory of an entry with a 12-byte key and a 100-byte value, ${name === "kvasir" ? "Kvasir" : "SET by the client"}`,
        unit: "bytes/entry",
        figure: summarize([await bytesOfEntry(started, program, effort.clusterEntries)]),
        notes: [
          `${effort.clusterEntries.toLocaleString("en-US")} entries, on the primary; its replica has them too`,
        ],
      });
      await program.stop();
    }
  },
};

/** Measured with new keys: those of the others are there already. */
async function bytesOfEntry(started: BenchCluster, program: ClusterProgram, count: number): Promise<number> {
  const before = await started.usedBytes();
  await program.fill(count, { from: NEW_KEYS_FROM, isListed: false });
  return ((await started.usedBytes()) - before) / count;
}

function missing({ report }: Bench, reason: Missing): void {
  for (const { what, target } of MEASURED) report({ what, ...reason, ...(target && { target }) });
}
