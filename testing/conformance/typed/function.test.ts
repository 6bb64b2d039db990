import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";
import { buildWorker, WORKER_OUTCOMES } from "./worker-outcomes.js";

describe("kv() over the binding of a function", () => {
  let project: Project;
  let running: Running;
  let outcomes: Record<string, unknown>;

  beforeAll(async () => {
    const config = { name: "typed", main: "worker.mjs", kv_namespaces: [{ binding: "KV", id: "typed" }] };
    project = new Project({ "wrangler.jsonc": JSON.stringify(config) });
    await buildWorker(join(project.root, "worker.mjs"));
    running = await runFunctions([project.root], { mode: "serve" });
    outcomes = (await (await fetch(running.functions.url)).json()) as Record<string, unknown>;
  });
  afterAll(async () => {
    await running.close();
    project.remove();
  });

  test.each(WORKER_OUTCOMES)("%s", (name, expected) => {
    expect(outcomes[name]).toEqual(expected);
  });

  test("conditions hold and counters count", () => {
    expect(outcomes["conditional"]).toEqual({ ok: false, version: expect.any(Number) });
    expect(outcomes["counted"]).toBe(7);
  });
});
