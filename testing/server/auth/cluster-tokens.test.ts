/** Tokens that lie in a cluster: two servers, as two machines would run them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createToken, revokeToken } from "../../../packages/kvasir/src/api/auth/tokens.js";
import { RECORD_FRESH_MS } from "../../../packages/store/src/engines/cluster/limits.js";
import { ADMIN_TOKEN, openServer, type TestServer } from "../../harness/api.js";
import { REDIS_SERVER, RedisCluster } from "../../harness/redis-cluster.js";
import { describeWith } from "../../harness/requirements.js";

describeWith(REDIS_SERVER, "two servers on one cluster", () => {
  let cluster: RedisCluster;
  let servers: readonly TestServer[];
  beforeAll(async () => {
    cluster = await RedisCluster.start();
    const auth = { mode: "tokens", adminToken: ADMIN_TOKEN } as const;
    const open = () => openServer({ location: cluster.locator("tokens"), auth });
    servers = [await open(), await open()];
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
    await cluster.stop();
  });

  const path = `/client/v4/accounts/${"a".repeat(32)}/storage/kv/namespaces`;
  async function statusOf(server: TestServer, token: string): Promise<number> {
    const response = await server.fetch(path, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    return response.status;
  }
  /** How often the nodes have read a field of a hash. */
  async function lookups(): Promise<number> {
    const stats = await Promise.all(cluster.nodes.map((node) => node.ask("INFO", "commandstats")));
    const calls = stats.map((text) => Number(/cmdstat_hget:calls=(\d+)/.exec(String(text))?.[1] ?? 0));
    return calls.reduce((sum, count) => sum + count, 0);
  }

  test("refuse a token that one of them revoked: it at once, the other within a second", async () => {
    const [one, other] = servers as [TestServer, TestServer];
    const { token, record } = await createToken(one.database.store, { scope: "admin" });
    expect([await statusOf(one, token), await statusOf(other, token)]).toEqual([200, 200]);
    expect(await revokeToken(one.database.store, record.id)).toBe(true);
    expect(await statusOf(one, token)).toBe(401);
    // How old a token may be is tested with a clock beside `recent.ts`.
    await expect.poll(() => statusOf(other, token), { timeout: 5000, interval: 50 }).toBe(401);
  });

  test("do not ask the cluster for the token of each request", async () => {
    const [one] = servers as [TestServer];
    const { token } = await createToken(one.database.store, { scope: "admin" });
    await statusOf(one, token);
    const before = await lookups();
    const startedMs = performance.now();
    const requests = 100;
    for (let at = 0; at < requests; at++) expect(await statusOf(one, token)).toBe(200);
    const refreshes = (performance.now() - startedMs) / RECORD_FRESH_MS + 1;
    expect((await lookups()) - before).toBeLessThanOrEqual(Math.min(refreshes, requests - 1));
  });
});
