import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { FakeClock } from "@kvasir/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openServer, type TestServer } from "../../harness/api.js";
import { type Running, runFunctions } from "../../harness/functions.js";
import { namespaceCases } from "./cases.js";

// The cases run inside functions, by name. This server holds the clock that they advance.
const NAMESPACE = "cases";
const DIALECTS = {
  "a Worker": "worker",
  "a handler": "handler",
  "an Express-style function": "express",
};
const clock = new FakeClock();
let api: TestServer;
let running: Running;
let control: Server;
let controlUrl: string;

beforeAll(async () => {
  api = await openServer({ clock });
  const folders = Object.values(DIALECTS).map((name) =>
    fileURLToPath(new URL(`./workers/${name}`, import.meta.url)),
  );
  running = await runFunctions(folders, { server: api, mode: "serve" });
  control = createServer(async ({ url = "" }, response) => {
    await clock.advance(Number(new URL(url, "http://control").searchParams.get("advance")));
    response.end(String(clock.nowMs()));
  });
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));
  controlUrl = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await running.close();
  await api.stop();
  control.close();
});

describe.each(Object.entries(DIALECTS))("a namespace inside %s", (_dialect, name) => {
  test.each(namespaceCases.map((one) => one.name))("%s", async (one) => {
    await api.database.namespaceById(NAMESPACE).deletePrefix("", { all: true });
    // Elsewhere, too, every case starts at the beginning of a second.
    await clock.advance(1000 - (clock.nowMs() % 1000));
    const query = new URLSearchParams({ case: one, control: controlUrl });
    const response = await fetch(`${running.functions.url}/${name}/?${query}`);
    expect(await response.text()).toBe("passed");
  });
});
