/**
 * Clients use a cluster while its nodes are killed, stopped, cut off from each other and added, and while slots
 * move. Servers and clients are processes of their own; each has an address, so that the network can be cut
 * between any of them. What the clients were told is judged at the end: see `cluster/judge.ts`. A run with
 * `acks=1` must lose something, or the judge is blind.
 */
import { afterAll, expect, test } from "vitest";
import { runSeed } from "../harness/random.js";
import { REDIS_SERVER } from "../harness/redis-cluster.js";
import { describeWith } from "../harness/requirements.js";
import { type PlannedRun, runInOwnNetwork } from "./cluster/fault-process.js";
import { brokenOf } from "./cluster/judge.js";
import { NETWORK_NAMESPACE } from "./cluster/network.js";
import type { RunReport } from "./cluster/run.js";

/** For runs whose length depends on how busy the machine is. */
const RUN_MS_MAX = 150_000;
const seed = runSeed();

const KILLS: PlannedRun = {
  seed: `${seed}-kills`,
  acks: "all",
  faults: ["primary and replica killed", "Kvasir killed", "slots moved", "shard added and removed"],
};
const CUTS: PlannedRun = {
  seed: `${seed}-cuts`,
  acks: "all",
  faults: ["partition with a client on each side", "stale replica elected"],
};
const CONTROL: PlannedRun = {
  seed: `${seed}-control`,
  acks: "1",
  faults: ["partition with a client on each side"],
};

describeWith(REDIS_SERVER, "a cluster of 3+3 under load", () => {
  const runs = NETWORK_NAMESPACE.met ? [KILLS, CUTS, CONTROL] : [KILLS];
  const reports = runInOwnNetwork(runs, { replicas: 1 });
  afterAll(() => reports.return(undefined));

  /** The runs take place one after the other, in the order of the tests. */
  async function next(): Promise<RunReport> {
    const { value } = await reports.next();
    if (value === undefined) throw new Error(`A run with the seed ${seed} has no report.`);
    return value;
  }

  test("keeps all promises when shards and Kvasirs are killed and slots move", {
    timeout: RUN_MS_MAX,
  }, async () => {
    const report = await next();
    expect(brokenOf(report.verdict), `seed ${seed}`).toEqual([]);
    expect(report.refused + report.unknown).toBeGreaterThan(0);
    expect(report.writes).toBeGreaterThan(500);
  });

  describeWith(NETWORK_NAMESPACE, "in a network that is cut", () => {
    test("keeps all promises", { timeout: RUN_MS_MAX }, async () => {
      const report = await next();
      expect(brokenOf(report.verdict), `seed ${seed}`).toEqual([]);
      expect(report.refused + report.unknown).toBeGreaterThan(0);
      expect(report.writes).toBeGreaterThan(500);
    });

    test("loses writes if one disk is enough, which the judge sees: the control", {
      timeout: RUN_MS_MAX,
    }, async () => {
      const { lost, watches } = (await next()).verdict;
      expect(lost.length).toBeGreaterThan(0);
      expect(watches.length).toBeGreaterThan(0);
    });
  });
});
