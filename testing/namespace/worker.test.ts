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
import { namespaceCases } from "./cases.ts";

// The cases run inside a Worker (testing/workers/namespace), by name; here is the server whose clock they move.
const NAMESPACE = "cases";
const worker = fileURLToPath(new URL("../workers/namespace", import.meta.url));
const clock = new FakeClock();
let database: Database;
let server: ApiServer;
let functions: RunningFunctions;
let control: Server;
let controlUrl: string;

beforeAll(async () => {
  database = open(":memory:", { clock });
  server = await startApiServer({ database, host: "127.0.0.1", port: 0, auth: { mode: "dev" } });
  functions = await startFunctions({
    paths: [worker],
    host: "127.0.0.1",
    port: 0,
    mode: "serve",
    endpoint: await server.listenForFunctions(),
    async ensureNamespace(id, title) {
      await database.catalog.ensure(id, title);
    },
    onEvent() {},
  });
  control = createServer(({ url = "" }, response) => {
    clock.advance(Number(new URL(url, "http://control").searchParams.get("advance")));
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

describe("a namespace inside a Worker", () => {
  for (const { name } of namespaceCases) {
    test(name, async () => {
      await database.namespaceById(NAMESPACE).deletePrefix("", { all: true });
      const query = new URLSearchParams({ case: name, control: controlUrl });
      const response = await fetch(`${functions.url}/?${query}`);
      expect(await response.text()).toBe("passed");
    });
  }
});
