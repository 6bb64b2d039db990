/**
 * The same on data in a cluster, through two servers that share nothing else. Smaller, because each write is on two
 * disks before it is acknowledged; `KVASIR_HAMMER=full` makes the load of the other test.
 */
import { afterAll, beforeAll } from "vitest";
import { REDIS_SERVER, RedisCluster } from "../harness/redis-cluster.js";
import { describeWith } from "../harness/requirements.js";
import { describeHammered } from "./hammer-suite.js";
import {
  CHECKS_PER_CLIENT,
  CLICKS_PER_CLIENT,
  CLIENTS_PER_PROCESS,
  EVENTS_PER_WRITER,
  FAILING_COMMITS_PER_CLIENT,
  INCREMENTS,
  INCREMENTS_AT_ONCE,
  LIMIT,
  LOCKS_PER_CLIENT,
} from "./limits.js";

const isFull = process.env["KVASIR_HAMMER"] === "full";
const bounded = (full: number, few: number) => (isFull ? full : few);

describeWith(REDIS_SERVER, "two servers on a cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  });
  afterAll(() => cluster.stop());

  describeHammered(
    isFull ? ["over HTTP", "from Workers"] : ["over HTTP"],
    {
      clients: bounded(CLIENTS_PER_PROCESS, 3),
      increments: bounded(INCREMENTS, 400),
      incrementsAtOnce: INCREMENTS_AT_ONCE,
      limit: bounded(LIMIT, 10),
      checksPerClient: CHECKS_PER_CLIENT,
      locksPerClient: LOCKS_PER_CLIENT,
      eventsPerWriter: bounded(EVENTS_PER_WRITER, 5),
      clicksPerClient: CLICKS_PER_CLIENT,
      failingCommitsPerClient: FAILING_COMMITS_PER_CLIENT,
    },
    () => ({ argsOfServers: [[], []], data: cluster.locator("hammered") }),
  );
});
