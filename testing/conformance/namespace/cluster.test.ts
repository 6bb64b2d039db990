import { type Database, FakeClock, open } from "@kvasir/store";
import { afterAll, beforeAll } from "vitest";
import { REDIS_SERVER, RedisCluster } from "../../harness/redis-cluster.js";
import { describeWith } from "../../harness/requirements.js";
import { caseClock } from "./fake-case-clock.js";
import { namespaceSuite } from "./namespace-suite.js";

describeWith(REDIS_SERVER, "a namespace of a store in a cluster", () => {
  const clock = new FakeClock();
  let cluster: RedisCluster;
  let database: Database;
  let made = 0;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
    database = open(cluster.locator("cases"), { clock });
  });
  afterAll(async () => {
    await database.close();
    await cluster.stop();
  });

  namespaceSuite("with 16 buckets", () => ({
    clock: caseClock(clock),
    async make() {
      return database.namespace(`case ${++made}`);
    },
  }));
});
