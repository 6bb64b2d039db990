import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type Database, FakeClock, open } from "@kvasir/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiServer, startApiServer } from "../../packages/kvasir/src/api-server.ts";
import {
  type RunningFunctions,
  startFunctions,
} from "../../packages/kvasir/src/functions/start-functions.ts";
import { failOnUnexpected } from "../unexpected.ts";
import { namespaceCases } from "./cases.ts";

// The cases run inside functions, by name. This server holds the clock that they advance.
const NAMESPACE = "cases";
const DIALECTS = {
  "a Worker": "namespace",
  "a handler": "namespace-handler",
  "an Express-style function": "namespace-express",
};
const clock = new FakeClock();
let database: Database;
let server: ApiServer;
let functions: RunningFunctions;
let control: Server;
let controlUrl: string;

beforeAll(async () => {
  database = open(":memory:", { clock });
  server = await startApiServer({
    database,
    host: "127.0.0.1",
    port: 0,
    auth: { mode: "dev" },
    onEvent: failOnUnexpected,
  });
  functions = await startFunctions({
    paths: Object.values(DIALECTS).map((folder) =>
      fileURLToPath(new URL(`../workers/${folder}`, import.meta.url)),
    ),
    host: "127.0.0.1",
    port: 0,
    mode: "serve",
    endpoint: await server.listenForFunctions(),
    async ensureNamespace(id, title) {
      await database.catalog.ensure(id, title);
    },
    onEvent() {},
  });
  control = createServer(async ({ url = "" }, response) => {
    await clock.advance(Number(new URL(url, "http://control").searchParams.get("advance")));
    response.end(String(clock.nowMs()));
  });
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));
  controlUrl = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await functions.close();
  await server.close();
  control.close();
  await database.close();
});

describe.each(Object.entries(DIALECTS))("a namespace inside %s", (_dialect, name) => {
  test.each(namespaceCases.map((one) => one.name))("%s", async (one) => {
    await database.namespaceById(NAMESPACE).deletePrefix("", { all: true });
    // Elsewhere, too, every case starts at the beginning of a second.
    await clock.advance(1000 - (clock.nowMs() % 1000));
    const query = new URLSearchParams({ case: one, control: controlUrl });
    const response = await fetch(`${functions.url}/${name}/?${query}`);
    expect(await response.text()).toBe("passed");
  });
});
