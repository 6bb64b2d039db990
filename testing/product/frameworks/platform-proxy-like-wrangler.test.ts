import { execFile } from "node:child_process";
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { NEWER_NODE } from "../../harness/checkout.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { describeWith } from "../../harness/requirements.js";
import { WRANGLER_REQUIREMENT } from "../../harness/wrangler.js";
import { frameworkProject } from "./framework-project.js";

const PROBE = fileURLToPath(new URL("platform-probe.js", import.meta.url));
/** wrangler starts a workerd for each call. */
const TIMEOUT_MS = 150_000;

const FILES = {
  "package.json": '{ "type": "module" }',
  "wrangler.json": JSON.stringify({
    name: "site",
    compatibility_date: "2025-09-01",
    kv_namespaces: [{ binding: "KV", id: "local" }],
    ratelimits: [{ name: "LIMITER", namespace_id: "1", simple: { limit: 2, period: 60 } }],
    vars: { TITLE: "top", LIMITS: { n: [1] } },
    version_metadata: { binding: "VERSION" },
    queues: { producers: [{ binding: "QUEUE", queue: "jobs" }] },
    d1_databases: [{ binding: "DB", database_name: "d", database_id: "d" }],
    r2_buckets: [{ binding: "FILES", bucket_name: "files" }],
    analytics_engine_datasets: [{ binding: "POINTS" }],
    env: { staging: { vars: { TITLE: "staging" } } },
  }),
  ".dev.vars": "SECRET=s3",
  "more.env": "FROM_FILE=yes\nTITLE=file",
};

/** What the package's `getPlatformProxy()` gives, in a new copy of the project. */
async function probe(node: string, from: "kvasir" | "wrangler"): Promise<unknown> {
  const cwd = frameworkProject(FILES);
  copyFileSync(PROBE, `${cwd}/probe.js`);
  const env = cleanEnvironment({
    HOME: cwd,
    XDG_CONFIG_HOME: cwd,
    WRANGLER_SEND_METRICS: "false",
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    CI: "true",
  });
  const { stdout } = await promisify(execFile)(node, ["probe.js", from], { cwd, env, timeout: TIMEOUT_MS });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}

describeWith(WRANGLER_REQUIREMENT, "getPlatformProxy() equals wrangler's", () => {
  it(
    "in every member and option",
    async () => {
      const [ours, theirs] = await Promise.all([
        probe(process.execPath, "kvasir"),
        probe(NEWER_NODE, "wrangler"),
      ]);
      expect(ours).toEqual(theirs);
    },
    TIMEOUT_MS,
  );
});
