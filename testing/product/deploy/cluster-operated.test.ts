import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect, type KvError } from "@kvasir/client";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../harness/checkout.js";
import { type KvasirProcess, serve } from "../../harness/kvasir-process.js";
import { Project } from "../../harness/project.js";
import { REDIS_SERVER, RedisCluster } from "../../harness/redis-cluster.js";
import { describeWith } from "../../harness/requirements.js";
import { type RunningApi, TOKEN } from "../../harness/running-api.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";
import { type Family, parsePrometheusText } from "./prometheus-text.js";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const timeout = 60_000;

describeWith(REDIS_SERVER, "two servers on a cluster, as an operator sees them", () => {
  let cluster: RedisCluster;
  let servers: KvasirProcess[];
  let folders: readonly Project[];
  let apis: readonly [RunningApi, RunningApi];
  let namespace: string;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
    // Each in an empty folder of its own, as on another machine.
    folders = [new Project({}), new Project({})];
    servers = folders.map(({ root }, at) =>
      serve(cluster.locator("operated"), at === 0 ? [] : ["--workers", "2"], { cwd: root }),
    );
    const [one, two] = await Promise.all(servers.map((server) => server.ready()));
    apis = [one as RunningApi, two as RunningApi];
    namespace = await apis[0].createNamespace("shop");
    await apis[0].namespace(namespace).put("key", "value");
  }, timeout);
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    for (const folder of folders) folder.remove();
    await cluster.stop();
  });
  const metricsOf = async (api: RunningApi) =>
    parsePrometheusText(await (await api.fetch("/metrics")).text());

  test("a token that one of them revokes is refused by both within a second", { timeout }, async () => {
    const created = await apis[0].fetch("/kvasir/tokens", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ scope: "write" }),
    });
    const { token, record } = (await created.json()) as Created;
    const as = (api: RunningApi) => connect({ url: api.url, namespace, token, retries: 0 });
    for (const api of apis) for (let time = 0; time < 3; time++) await as(api).put("key", "value");
    const revoked = await apis[0].fetch(`/kvasir/tokens/${record.id}`, { method: "DELETE" });
    expect(revoked.ok).toBe(true);
    const revokedMs = performance.now();
    for (const api of apis) {
      let lastTakenMs = revokedMs;
      for (;;) {
        const sentMs = performance.now();
        try {
          await as(api).get("key");
          lastTakenMs = sentMs;
        } catch (error) {
          expect(error).toMatchObject({ code: "unauthorized" });
          break;
        }
      }
      expect(lastTakenMs - revokedMs).toBeLessThan(1000);
    }
  });

  test("a server that is killed is replaced by one in an empty folder", { timeout }, async () => {
    const [, killed] = servers as [KvasirProcess, KvasirProcess];
    await killed.kill();
    const other = serve(cluster.locator("operated"), [], { cwd: temporaryDirectory() });
    servers[1] = other;
    const api = await other.ready();
    expect(await api.namespaceId("shop")).toBe(namespace);
    expect(await api.namespace(namespace).get("key")).toBe("value");
    apis = [apis[0], api];
  });

  test("a write that is not confirmed fails within 15 seconds in each API, and nobody repeats it", {
    timeout,
  }, async () => {
    const project = new Project({
      "worker.js": `export default {
        async fetch(request, env) {
          try {
            await env.KV.put("from", "worker");
          } catch (error) {
            return new Response(error);
          }
          return new Response("written");
        },
      };`,
      "wrangler.json": JSON.stringify({
        name: "w",
        main: "worker.js",
        kv_namespaces: [{ binding: "KV", id: "kv" }],
      }),
      "invoke.js": `module.exports = async (req, res) => {
        try {
          await kv.set("from", "invoke");
        } catch (error) {
          return res.send(String(error));
        }
        res.send("written");
      }`,
    });
    const paths = [join(project.root, "wrangler.json"), join(project.root, "invoke.js")];
    const server = serve(cluster.locator("doubt"), paths, { cwd: project.root });
    onTestFinished(async () => {
      await server.kill();
      project.remove();
    });
    const api = await server.ready();
    const id = await api.createNamespace("doubt");
    await Promise.all(Array.from({ length: 32 }, (_, at) => api.namespace(id).put(`warm${at}`, "")));
    const functions = ["w", "invoke"].map((name) => `${server.functions}/${name}/`);
    for (const url of functions) expect(await (await fetch(url)).text()).toBe("written");
    const replicas = (
      await Promise.all(cluster.nodes.slice(0, 3).map((node) => cluster.replicasOf(node)))
    ).flat();
    for (const node of replicas) node.pause();
    onTestFinished(async () => {
      for (const node of replicas) node.resume();
      await cluster.whole();
    });
    const sentMs = performance.now();
    const put = (path: string) => api.fetch(path, { method: "PUT", body: "value" });
    const [cloudflare, telnyx, binding, client, ...called] = await Promise.all([
      put(`/client/v4/accounts/${"0".repeat(32)}/storage/kv/namespaces/${id}/values/x1`),
      put(`/v2/storage/kvs/${id}/keys/x2`),
      put(`/binding/${id}/x3`),
      connect({ url: api.url, namespace: id, token: TOKEN, retries: 3 })
        .increment("count")
        .catch((error: unknown) => error),
      ...functions.map(async (url) => (await fetch(url)).text()),
    ]);
    expect(performance.now() - sentMs).toBeLessThan(15_000);
    expect([cloudflare.status, telnyx.status, binding.status]).toEqual([503, 503, 503]);
    // The first write of a shard is in doubt; those behind it are refused, because its replica is away by then.
    const codes = [
      Number(((await cloudflare.json()) as { errors: { code: number }[] }).errors[0]?.code) === 10504,
      ((await telnyx.json()) as { errors: { title: string }[] }).errors[0]?.title === "Outcome unknown",
      ...[((await binding.json()) as { error: object }).error, client].map((error) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(outcome_unknown|unavailable)$/) });
        return (error as KvError).code === "outcome_unknown";
      }),
      ...called.map((error) => {
        // Workers KV's own errors have a text only.
        expect(error).toMatch(/: (503 )?(The write may or may not have been made|The cluster did not take)/);
        return error.includes("may or may not");
      }),
    ];
    expect(codes.filter(Boolean).length).toBeGreaterThanOrEqual(1);
    const families = await metricsOf(api);
    expect(families.get("kvasir_cluster_outcome_unknown_total")?.samples[0]?.value).toBeGreaterThanOrEqual(1);
    for (const node of replicas) node.resume();
    await cluster.whole();
    // Nobody made it twice.
    const count = await api.namespace(id).get("count");
    expect((client as KvError).code === "outcome_unknown" ? [null, "1"] : [null]).toContain(count);
  });

  test("health and metrics show each node, and what is wrong without refusing writes", {
    timeout,
  }, async () => {
    const healthy = (await (await fetch(`${apis[0].url}/healthz`)).json()) as Health;
    expect(healthy).toMatchObject({ status: "ok", cluster: { replicas: 1, slotsUnserved: 0, problems: [] } });
    expect(
      healthy.cluster.nodes.filter(({ role, state }) => role === "primary" && state === "up").length,
    ).toBe(3);
    const [primary] = cluster.nodes;
    const [replica] = primary === undefined ? [] : await cluster.replicasOf(primary);
    await replica?.kill();
    onTestFinished(async () => {
      await replica?.start();
      await cluster.whole();
    });
    const problem = `0 of the 1 replicas of the primary 127.0.0.1:${primary?.port} follow it`;
    const seen = async () =>
      ((await (await fetch(`${apis[0].url}/healthz`)).json()) as Health).cluster.problems;
    await expect.poll(seen, { timeout: 20_000 }).toEqual([expect.stringContaining(problem)]);
    // Said once, as an event, by the name of what is wrong.
    const line = await servers[0]?.line(/"event":"error".*follow it/);
    expect(JSON.parse(line ?? "")).toMatchObject({
      level: "error",
      message: expect.stringContaining(problem),
    });
    expect((await fetch(`${apis[0].url}/readyz`)).status).toBe(200);
    // Keys are counted in the background, when somebody asks for them.
    const families = await vi.waitFor(
      async () => {
        const found = await metricsOf(apis[0]);
        if (found.get("kvasir_cluster_bucket_keys")?.samples.length !== 1) throw new Error("not counted yet");
        return found;
      },
      { timeout: 10_000, interval: 300 },
    );
    const sampleOf = (name: string, labels: object) =>
      families.get(name)?.samples.find((sample) => {
        return Object.entries(labels).every(([label, value]) => sample.labels[label] === value);
      })?.value;
    const node = `127.0.0.1:${replica?.port}`;
    expect(sampleOf("kvasir_cluster_node_up", { node, role: "replica" })).toBe(0);
    expect(sampleOf("kvasir_cluster_problems", { problem: "replicas", refuses: "false" })).toBe(1);
    expect(sampleOf("kvasir_cluster_bucket_keys", { namespace })).toBe(1);
    documented(families);
    inDeployFiles(families);
  });
});

interface Created {
  readonly token: string;
  readonly record: { readonly id: string };
}

interface Health {
  readonly cluster: {
    readonly nodes: readonly { readonly role: string; readonly state: string }[];
    readonly problems: readonly string[];
  };
}

const isOfCluster = (name: string) => name.startsWith("kvasir_cluster_");

function labelsOf(family: Family | undefined): readonly string[] {
  return [...new Set((family?.samples ?? []).flatMap(({ labels }) => Object.keys(labels)))];
}

/** docs/reference/metrics.md has exactly the metrics of a cluster that there are. */
function documented(families: ReadonlyMap<string, Family>): void {
  const rows = [...read("docs/reference/metrics.md").matchAll(/^\| `(\w+)` \| (\w+) \|([^|]*)\|/gm)];
  const stated = rows
    .filter(([, name = ""]) => isOfCluster(name))
    .map(([, name = "", type, labels = ""]) => `${name} ${type} ${labels.match(/\w+/g) ?? ""}`);
  const there = [...families.values()]
    .filter(({ name }) => isOfCluster(name))
    .map((family) => `${family.name} ${family.type} ${labelsOf(family)}`);
  expect(stated.toSorted()).toEqual(there.toSorted());
}

/** Alert rules and the dashboard name metrics and labels that there are. */
function inDeployFiles(families: ReadonlyMap<string, Family>): void {
  const rules = parse(read("deploy/alerts.yaml")) as { groups: { rules: { expr: string }[] }[] };
  const { panels } = JSON.parse(read("deploy/grafana-dashboard.json")) as {
    panels: { targets?: { expr: string }[] }[];
  };
  const expressions = [
    ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ].filter((expression) => expression.includes("kvasir_cluster_"));
  expect(expressions.length).toBeGreaterThan(12);
  for (const expression of expressions) {
    for (const name of expression.match(/\bkvasir_cluster_\w+/g) ?? []) {
      expect({ expression, is: families.has(name) }).toEqual({ expression, is: true });
      const grouped = /by \(([^)]*)\)/.exec(expression)?.[1]?.split(/, */) ?? [];
      const known = [...labelsOf(families.get(name)), "instance"];
      expect(grouped.filter((label) => !known.includes(label))).toEqual([]);
    }
  }
}
