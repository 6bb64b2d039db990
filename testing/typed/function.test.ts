import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, open } from "@kvasir/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningFunctions } from "../../packages/kvasir/src/functions/host/running-functions.ts";
import { startFunctions } from "../../packages/kvasir/src/functions/host/start-functions.ts";
import { type ApiServer, startApiServer } from "../../packages/kvasir/src/server/api-server.ts";
import { failOnUnexpected } from "../unexpected.ts";
import { buildWorker, WORKER_OUTCOMES } from "./worker-outcomes.ts";

describe("kv() over the binding of a function", () => {
  let directory: string;
  let database: Database;
  let server: ApiServer;
  let functions: RunningFunctions;
  let outcomes: Record<string, unknown>;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "kvasir-typed-"));
    await buildWorker(join(directory, "worker.mjs"));
    const config = { name: "typed", main: "worker.mjs", kv_namespaces: [{ binding: "KV", id: "typed" }] };
    writeFileSync(join(directory, "wrangler.jsonc"), JSON.stringify(config));
    database = open(":memory:");
    server = await startApiServer({
      database,
      host: "127.0.0.1",
      port: 0,
      auth: { mode: "dev" },
      onEvent: failOnUnexpected,
    });
    functions = await startFunctions({
      paths: [directory],
      host: "127.0.0.1",
      port: 0,
      mode: "serve",
      endpoint: await server.listenForFunctions(),
      async ensureNamespace(id, title) {
        await database.catalog.ensure(id, title);
      },
      onEvent() {},
    });
    outcomes = (await (await fetch(functions.url)).json()) as Record<string, unknown>;
  });
  afterAll(async () => {
    await functions.close();
    await server.close();
    await database.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test.each(WORKER_OUTCOMES)("%s", (name, expected) => {
    expect(outcomes[name]).toEqual(expected);
  });

  test("conditions hold and counters count", () => {
    expect(outcomes["conditional"]).toEqual({ ok: false, version: expect.any(Number) });
    expect(outcomes["counted"]).toBe(7);
  });
});
