import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../../harness/checkout.js";
import { type KvasirProcess, serve } from "../../harness/kvasir-process.js";
import { Project } from "../../harness/project.js";
import type { RunningApi } from "../../harness/running-api.js";
import { type Family, parsePrometheusText } from "./prometheus-text.js";

const WORKER = `export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/throw") throw new Error("on purpose");
    return new Response(String(await env.HITS.increment("hits")));
  },
};
`;
const CONFIG = { name: "counter", main: "worker.js", kv_namespaces: [{ binding: "HITS", id: "hits" }] };
/** What a server has only with `serve --backup`, or with data in a cluster, as another test checks. */
const isOnRequest = (name: string) => /^kvasir_(backup|cluster)_/.test(name);
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

let project: Project;
let server: KvasirProcess;
let api: RunningApi;
let families: ReadonlyMap<string, Family>;

beforeAll(async () => {
  project = new Project({ "wrangler.json": JSON.stringify(CONFIG), "worker.js": WORKER });
  const paths = [project.root, "--workers", "2"];
  server = serve(join(project.root, "data"), paths);
  api = await server.ready();
  for (const path of ["/", "/", "/throw"]) {
    await fetch(`${server.functions}${path}`, { headers: { connection: "close" } });
  }
  // A title may contain anything.
  const id = await api.createNamespace('a "title"\n\\ of {two} lines');
  const other = await api.createNamespace("other");
  await api.fetch(`/binding/${id}/k%22ey`, { method: "PUT", body: "value" });
  await api.fetch(`/binding/${id}/missing`);
  await api.fetch(`/binding/${"f".repeat(32)}/missing`);
  await api.fetch(`/v2/storage/kvs/${other}/keys/a/value`);
  families = await metricsOnce(
    ({ samples }) => samples.reduce((sum, { value }) => sum + value, 0) === 3,
    "kvasir_function_requests_total",
  );
});

afterAll(async () => {
  await server?.kill();
  project?.remove();
});

async function metrics(): Promise<ReadonlyMap<string, Family>> {
  // Workers take turns with connections.
  const response = await api.fetch("/metrics", { headers: { connection: "close" } });
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  return parsePrometheusText(await response.text());
}

/** Functions report their figures once a second. */
async function metricsOnce(isThere: (family: Family) => boolean, name: string) {
  const look = async () => {
    const found = await metrics();
    const family = found.get(name);
    if (family === undefined || !isThere(family)) throw new Error(`${name} is not there yet`);
    return found;
  };
  return await vi.waitFor(look, { timeout: 10_000, interval: 200 });
}

function figure(all: ReadonlyMap<string, Family>, name: string, labels: Record<string, string> = {}): number {
  const family = all.get(name.replace(/_(bucket|sum|count)$/, "")) ?? all.get(name);
  const matching = (family?.samples ?? []).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  return matching.reduce((sum, { value }) => sum + value, 0);
}

describe("/metrics of two workers with a function", () => {
  test("counts the requests of each function by status, with durations and errors", () => {
    const of = { function: "counter" };
    expect(figure(families, "kvasir_function_requests_total", { ...of, status: "200" })).toBe(2);
    expect(figure(families, "kvasir_function_requests_total", { ...of, status: "500" })).toBe(1);
    expect(figure(families, "kvasir_function_request_duration_seconds_count", of)).toBe(3);
    expect(figure(families, "kvasir_function_errors_total", of)).toBe(1);
  });

  test("counts requests by namespace, through each API, but gives unknown ids no place", () => {
    const total = "kvasir_namespace_requests_total";
    expect(figure(families, total, { namespace: "hits", access: "write", class: "2xx" })).toBe(2);
    expect(figure(families, total, { class: "4xx", access: "read" })).toBe(3);
    const named = new Set(families.get(total)?.samples.map(({ labels }) => labels["namespace"]));
    expect(named).not.toContain("f".repeat(32));
    expect(named).toContain("other");
    expect(figure(families, "kvasir_namespace_request_duration_seconds_count", { namespace: "hits" })).toBe(
      2,
    );
  });

  test("knows what each namespace holds, and the disk", () => {
    expect(figure(families, "kvasir_namespaces")).toBe(3);
    expect(figure(families, "kvasir_namespace_keys", { namespace: "hits" })).toBe(1);
    expect(figure(families, "kvasir_namespace_bytes", { namespace: "hits" })).toBe(
      "hits".length + "2".length,
    );
    expect(figure(families, "kvasir_namespace_keys")).toBe(2);
    expect(figure(families, "kvasir_data_bytes")).toBeGreaterThan(0);
    expect(figure(families, "kvasir_disk_free_bytes")).toBeLessThanOrEqual(
      figure(families, "kvasir_disk_size_bytes"),
    );
    expect(figure(families, "kvasir_sweep_overdue_seconds")).toBe(0);
    expect(figure(families, "process_resident_memory_bytes")).toBeGreaterThan(0);
  });

  test("what alert rules, the dashboard and the reference name is there", () => {
    const rules = parse(read("deploy/alerts.yaml")) as { groups: { rules: Rule[] }[] };
    const alerts = rules.groups.flatMap((group) => group.rules);
    const dashboard = JSON.parse(read("deploy/grafana-dashboard.json")) as { panels: Panel[] };
    const panels = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(alerts.length).toBeGreaterThan(9);
    expect(panels.length).toBeGreaterThan(20);
    for (const expression of [...alerts.map(({ expr }) => expr), ...panels]) {
      expect({ expression, missing: missingIn(expression) }).toEqual({ expression, missing: [] });
    }
    for (const { alert, annotations } of alerts) {
      const text = `${annotations.summary} ${annotations.action}`;
      expect({ alert, says: /^.+\. .+\.$/.test(text) }).toEqual({ alert, says: true });
    }
  });

  test("docs/reference/metrics.md has every metric of Kvasir, with its type and labels", () => {
    const rows = [...read("docs/reference/metrics.md").matchAll(/^\| `(\w+)` \| (\w+) \|([^|]*)\|/gm)];
    const documented = Object.fromEntries(
      rows
        .filter(([, name = ""]) => !isOnRequest(name))
        .map(([, name = "", type, labels = ""]) => [name, `${type} ${labels.match(/\w+/g) ?? ""}`.trim()]),
    );
    const there = Object.fromEntries(
      [...families.values()]
        .filter(({ name }) => name.startsWith("kvasir_"))
        .map(({ name, type, samples }) => [name, `${type} ${labelsOf(samples)}`.trim()]),
    );
    expect(documented).toEqual(there);
  });

  test("no counter falls when a worker is killed, whichever is asked", async () => {
    const counters = [...families.values()].filter(({ type }) => type === "counter" || type === "histogram");
    const before = await metrics();
    const pid = Number(/(\d+)/.exec(await workerPid())?.[1]);
    process.kill(pid, "SIGKILL");
    await server.line(/Worker process 2 ended/);
    for (let time = 0; time < 3; time++) {
      const after = await metrics();
      const fallen = counters.flatMap(({ name }) =>
        (before.get(name)?.samples ?? []).filter((sample) => {
          const now = after
            .get(name)
            ?.samples.find((each) => each.name === sample.name && isSame(each.labels, sample.labels));
          return (now?.value ?? 0) < sample.value;
        }),
      );
      expect(fallen).toEqual([]);
    }
  });
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly action: string };
}

interface Panel {
  readonly targets?: readonly { readonly expr: string }[];
}

/** The metrics and labels in an expression of PromQL that the server does not have. */
function missingIn(expression: string): readonly string[] {
  const names = expression.match(/\b(?:kvasir|process|nodejs)_\w+/g) ?? [];
  const labels = [...expression.matchAll(/(?:by \(([^)]*)\)|\{([^}]*)\})/g)]
    .flatMap(([, grouped = "", matched = ""]) => [
      ...grouped.split(/,\s*/),
      ...Array.from(matched.matchAll(/(\w+)\s*(?:=~|!~|!=|=)"/g), ([, label = ""]) => label),
    ])
    .filter((label) => label !== "");
  const known = names.flatMap((name) => {
    const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ""));
    return family === undefined ? [] : ["instance", "job", "le", ...labelsOf(family.samples)];
  });
  const missing = names.filter(
    (name) =>
      !isOnRequest(name) &&
      !families.has(name) &&
      !families.get(name.replace(/_(bucket|sum|count)$/, ""))?.name.startsWith("kvasir"),
  );
  const isOptional = names.some(isOnRequest);
  // `up` is Prometheus's own.
  const unknownLabels =
    isOptional || names.length === 0 ? [] : labels.filter((label) => !known.includes(label));
  return [...missing, ...unknownLabels];
}

function labelsOf(samples: Family["samples"]): readonly string[] {
  return [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))].filter((label) => label !== "le");
}

function isSame(a: object, b: object): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}

/** The process id of the second worker. */
async function workerPid(): Promise<string> {
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, "utf8").trim().split(" ");
  const nodes = children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("kvasir"));
  return nodes.at(-1) ?? "";
}
