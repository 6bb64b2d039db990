import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

let server: Server;
let project: Project;
let running: Running;

beforeAll(async () => {
  server = createServer((_request, response) => response.end("from loopback")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  project = new Project({
    "w.js": `export default { async fetch() {
      try { return await fetch("http://127.0.0.1:${port}/"); } catch { return new Response("refused"); }
    } };`,
  });
});
afterAll(() => {
  server.close();
  project.remove();
});
afterEach(() => running.close());

it("functions reach this machine and its network by default", async () => {
  running = await runFunctions([`${project.root}/w.js`]);
  expect(await running.text()).toBe("from loopback");
});

it('functions reach public addresses only with outbound: "public"', async () => {
  running = await runFunctions([`${project.root}/w.js`], { outbound: "public" });
  expect(await running.text()).toBe("refused");
});
