import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bearer, startApi } from "../../harness/api.js";
import { type KvasirProcess, serve } from "../../harness/kvasir-process.js";
import { Project } from "../../harness/project.js";
import { temporaryDirectory } from "../../harness/temporary-directory.js";

/** It takes its time to respond. */
const SLOW = `export default {
  async fetch() {
    console.log("begun");
    await new Promise((resolve) => setTimeout(resolve, 400));
    return new Response("finished");
  },
};`;

function startWorker(code: string, args: readonly string[] = []): KvasirProcess {
  const project = new Project({ "w.js": code });
  const server = serve(join(project.root, "data"), [join(project.root, "w.js"), ...args]);
  onTestFinished(async () => {
    await server.kill();
    project.remove();
  });
  return server;
}

async function statusAt(url: string): Promise<string> {
  const response = await fetch(url, { headers: { connection: "close" } });
  return `${response.status} ${await response.text()}`;
}

test("/readyz waits for the functions, /healthz does not", async () => {
  const api = await startApi({ waitsForFunctions: true, auth: { mode: "tokens" } });
  expect(await statusAt(`${api.url}/healthz`)).toBe('200 {"status":"ok"}');
  expect(await statusAt(`${api.url}/readyz`)).toMatch(/^503 .*"The functions are still starting\."/);
  api.server.ready();
  expect(await statusAt(`${api.url}/readyz`)).toBe('200 {"status":"ready"}');
  // It tells nothing else, whoever asks.
  expect(await statusAt(`${api.url}/metrics`)).toMatch(/^401 /);
});

test("every process of serve is ready once the functions run", async () => {
  const server = startWorker(SLOW, ["--workers", "2"]);
  const { url } = await server.ready();
  for (let time = 0; time < 4; time++) await expect.poll(() => statusAt(`${url}/readyz`)).toMatch(/^200 /);
});

test("an API alone is ready at once, and both say why the data cannot be used", async () => {
  const directory = temporaryDirectory();
  const server = serve(join(directory, "data"));
  onTestFinished(() => server.kill());
  const { url } = await server.ready();
  expect(await statusAt(`${url}/readyz`)).toMatch(/^200 /);
  const { renameSync } = await import("node:fs");
  renameSync(join(directory, "data"), join(directory, "moved"));
  for (const path of ["/healthz", "/readyz"]) {
    expect(await statusAt(url + path)).toMatch(/^503 .*"code":"storage_gone","message":"[^"]+\."/);
  }
});

test("on SIGTERM open connections hear that the server is stopping, and requests in flight finish", async () => {
  const server = startWorker(SLOW);
  const { url, functions = "" } = await server.ready();
  const slow = fetch(functions).then((response) => response.text());
  await server.line(/begun/);
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    received += text;
  });
  // The first half of a request is in flight, so the connection is not closed with the idle ones.
  socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n");
  await expect.poll(() => statusAt(`${url}/healthz`)).toMatch(/^200 /);
  server.child.kill("SIGTERM");
  await expect.poll(() => statusAt(`${url}/healthz`).catch(() => "refused")).toBe("refused");
  socket.write("\r\n");
  await expect.poll(() => received).toMatch(/^HTTP\/1\.1 503 .*Connection: close.*"The server is stopping/s);
  expect(await slow).toBe("finished");
  expect((await server.ended).code).toBe(0);
});

test("the API has ids for requests only of proxies that it trusts", async () => {
  const events: object[] = [];
  const api = await startApi({
    logRequests: true,
    auth: { mode: "tokens", adminToken: "secret" },
    trustedProxies: ["127.0.0.1"],
    onEvent: (event) => events.push(event),
  });
  const idOf = async (headers: Record<string, string>) => {
    const response = await api.fetch(`${api.binding}/key?token=hush`, { headers });
    return [response.headers.get("x-request-id"), (events.at(-1) as { request?: string }).request];
  };
  const made = [expect.stringMatching(/^[\da-f]{10}-\d$/), expect.stringMatching(/^[\da-f]{10}-\d$/)];
  expect(await idOf({ "X-Request-Id": "from-proxy.1" })).toEqual(["from-proxy.1", "from-proxy.1"]);
  expect(await idOf({ "CF-Ray": "8f2b-AMS" })).toEqual(["8f2b-AMS", "8f2b-AMS"]);
  for (const wrong of ['with "quotes"', "a b", "x".repeat(129), "é"]) {
    expect(await idOf({ "X-Request-Id": wrong })).toEqual(made);
  }
  const unknown = await startApi({ logRequests: true });
  const response = await unknown.fetch("/healthz", { headers: { "X-Request-Id": "from-proxy.1" } });
  expect(response.headers.get("x-request-id")).not.toBe("from-proxy.1");
  expect(events.at(-1)).toMatchObject({
    status: 401,
    path: `${api.binding}/key?token=***`,
    namespace: api.namespaceId,
  });
  await api.fetch(`${api.binding}/key`, { headers: bearer("secret") });
  const last = events.at(-1);
  expect(last).toMatchObject({
    token: "admin",
    status: 404,
    namespace: api.namespaceId,
    bytes: expect.any(Number),
  });
  expect(JSON.stringify(events)).not.toContain("secret");
});
