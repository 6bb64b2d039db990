import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../harness/checkout.js";
import { kvasir, kvasirOk, startKvasir, watchUntilReady } from "../../harness/command.js";
import { cleanEnvironment } from "../../harness/environment.js";
import { temporaryDirectory, temporaryProject } from "../../harness/temporary-directory.js";

const FREE_PORTS = ["--port", "0", "--api-port", "0"];

const CONFIG = JSON.stringify({
  name: "app",
  main: "worker.js",
  kv_namespaces: [{ binding: "KV", id: "app-kv" }],
});
const READER = `export default {
  async fetch(request, env) { return new Response((await env.KV.get("k")) ?? "nothing"); },
};`;

test("a Worker, curl and the kv commands share one data directory", async () => {
  const cwd = temporaryProject({ "wrangler.json": CONFIG, "worker.js": READER });
  const dev = await startKvasir(["dev", ...FREE_PORTS], { cwd });
  expect(dev.lines).toEqual([
    expect.stringMatching(/^functions http:\/\/127\.0\.0\.1:\d+/),
    expect.stringMatching(/^api http:\/\/127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^ready in \d+ ms$/),
  ]);
  const worker = async () => (await fetch(dev.functions ?? "")).text();
  expect(await worker()).toBe("nothing");
  await kvasirOk(["kv", "key", "put", "k", "from the command line", "--binding", "KV"], { cwd });
  expect(await worker()).toBe("from the command line");
  await fetch(`${dev.api}/binding/app-kv/k`, { method: "PUT", body: "from the API" });
  expect(await worker()).toBe("from the API");
  await kvasirOk(["kv", "key", "delete", "k", "--binding", "KV", "--url", dev.api], { cwd });
  expect(await worker()).toBe("nothing");
  expect(await dev.stop("SIGINT")).toBe(0);
});

test("several dev sessions share one data directory", async () => {
  const cwd = temporaryProject({ "wrangler.json": CONFIG, "worker.js": READER });
  const [one, two] = await Promise.all([1, 2].map(() => startKvasir(["dev", ...FREE_PORTS], { cwd })));
  await fetch(`${one?.api}/binding/app-kv/k`, { method: "PUT", body: "shared" });
  expect(await (await fetch(two?.functions ?? "")).text()).toBe("shared");
  expect(await one?.stop()).toBe(0);
  expect(await (await fetch(two?.functions ?? "")).text()).toBe("shared");
});

test("several functions answer under their names", async () => {
  const named = (name: string) => `export default { fetch: () => new Response("${name}") };`;
  const cwd = temporaryProject({
    "shop/wrangler.json": JSON.stringify({ name: "shop", main: "a.js" }),
    "shop/a.js": named("the shop"),
    "hello.js": named("hello"),
  });
  const dev = await startKvasir(["dev", "shop", "hello.js", ...FREE_PORTS], { cwd });
  const base = (dev.functions ?? "").replace(/\/$/, "");
  expect(await (await fetch(`${base}/shop/`)).text()).toBe("the shop");
  expect(await (await fetch(`${base}/hello/`)).text()).toBe("hello");
});

test("of several --config the first Worker gets all requests, and bindings reach the others", async () => {
  const echo = (name: string) => `export default { fetch(request, env) {
    const { pathname } = new URL(request.url);
    return env.OTHER && pathname === "/call" ? env.OTHER.fetch(request) : new Response("${name} " + pathname);
  } };`;
  const cwd = temporaryProject({
    "a/wrangler.json": JSON.stringify({
      name: "a",
      main: "w.js",
      services: [{ binding: "OTHER", service: "b" }],
    }),
    "a/w.js": echo("a"),
    "b/wrangler.json": JSON.stringify({ name: "b", main: "w.js", routes: ["*/taken/*"] }),
    "b/w.js": echo("b"),
  });
  const configs = ["-c", "a/wrangler.json", "-c", "b/wrangler.json"];
  const dev = await startKvasir(["dev", ...configs, ...FREE_PORTS], { cwd });
  const answers = ["/", "/b/x", "/taken/x", "/call"].map(async (path) =>
    (await fetch(new URL(path, dev.functions))).text(),
  );
  expect(await Promise.all(answers)).toEqual(["a /", "a /b/x", "a /taken/x", "b /call"]);
  await dev.line(/GET \/b\/x/);
});

test("--outbound public keeps functions from this machine and its network", async () => {
  const server = createServer((_, response) => response.end("loopback")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const cwd = temporaryProject({
    "asks.js": `export default { async fetch() {
      try { return await fetch("http://127.0.0.1:${port}/"); } catch { return new Response("refused"); }
    } };`,
  });
  const answers = [];
  for (const reach of ["all", "public"]) {
    const dev = await startKvasir(["dev", "asks.js", "--outbound", reach, ...FREE_PORTS], { cwd });
    answers.push(await (await fetch(dev.functions ?? "")).text());
  }
  server.close();
  server.closeAllConnections();
  expect(answers).toEqual(["loopback", "refused"]);
});

test("console output, requests and errors reach the terminal", async () => {
  const source = `export default {
    fetch(request) {
      console.log("hello from the function");
      if (request.url.endsWith("/fail")) throw new Error("this went wrong");
      return new Response("fine");
    },
  };`;
  const cwd = temporaryProject({ "wrangler.json": CONFIG, "worker.js": source });
  const dev = await startKvasir(["dev", ...FREE_PORTS], { cwd });
  await fetch(new URL("/fine?x=1", dev.functions));
  await dev.line(/hello from the function/);
  await dev.line(/200 GET \/fine\?x=1/);
  await fetch(new URL("/fail", dev.functions));
  await dev.errorLine(/this went wrong/);
  await dev.errorLine(/worker\.js:4/);
  expect([...dev.lines, ...dev.errors].join("\n")).not.toContain("\u001b");
});

test("with --json stdout holds JSON lines only", async () => {
  const source = `export default {
    fetch(request) {
      console.warn("careful");
      throw new Error("this went wrong");
    },
  };`;
  const cwd = temporaryProject({ "wrangler.json": CONFIG, "worker.js": source });
  const dev = await startKvasir(["dev", "--json", ...FREE_PORTS], { cwd });
  await fetch(dev.functions ?? "");
  await dev.line(/"event":"log".*careful/);
  await dev.line(/"event":"error".*this went wrong/);
  await dev.line(/"event":"request"/);
  expect(dev.lines.map((line) => (JSON.parse(line) as { event: string }).event)).toContain("ready");
  expect(JSON.parse(dev.lines.find((line) => line.includes('"ready"')) ?? "")).toEqual({
    event: "ready",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    level: "info",
    functions: expect.stringMatching(/^http:/),
    api: expect.stringMatching(/^http:/),
    ms: expect.any(Number),
  });
});

test("the API of dev answers only this machine's own names", async () => {
  const cwd = temporaryProject({ "wrangler.json": CONFIG, "worker.js": READER });
  const dev = await startKvasir(["dev", ...FREE_PORTS, "--host", "0.0.0.0"], { cwd });
  expect(new URL(dev.api).hostname).toBe("127.0.0.1");
  const foreign = await fetch(`${dev.api}/client/v4/accounts`, {
    headers: { origin: "https://evil.example" },
  });
  expect(foreign.status).toBe(403);
});

test("a functions port that is in use is named", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const address = taken.address();
  const port = typeof address === "object" && address !== null ? String(address.port) : "";
  const cwd = temporaryProject({ "wrangler.json": CONFIG, "worker.js": READER });
  const { code, stdout, stderr } = await kvasir(["dev", "--port", port, "--api-port", "0"], { cwd });
  taken.close();
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(new RegExp(`^error: .*[Pp]ort ${port}.* in use`));
  expect(stderr).toContain("--port");
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("a second signal ends it at once", async () => {
  const source = `export default {
    async fetch() { console.log("begun"); await new Promise((resolve) => setTimeout(resolve, 4000)); return new Response(); },
  };`;
  const cwd = temporaryProject({ "wrangler.json": CONFIG, "worker.js": source });
  const dev = await startKvasir(["dev", ...FREE_PORTS], { cwd });
  const answer = fetch(dev.functions ?? "").catch(() => null);
  await dev.line(/begun/);
  const startedMs = Date.now();
  // The same signal twice within a moment counts as one: npx passes on what the terminal has already sent.
  dev.child.kill("SIGTERM");
  dev.child.kill("SIGTERM");
  const isDown = () =>
    fetch(dev.api).then(
      () => false,
      () => true,
    );
  await expect.poll(isDown).toBe(true);
  expect(dev.child.exitCode).toBe(null);
  const ended = once(dev.child, "exit");
  const again = setInterval(() => dev.child.kill("SIGTERM"), 50);
  expect(await ended).toEqual([143, null]);
  clearInterval(again);
  expect(Date.now() - startedMs).toBeLessThan(3500);
  await answer;
});

test("`npm start` runs the showcase and prints what to try", async () => {
  // Without the build, which `npm test` has already done. Other test files are using the output that it would
  // replace.
  const child = spawn(
    "npm",
    ["start", "--ignore-scripts", "--", ...FREE_PORTS, "--data", join(temporaryDirectory(), "data")],
    {
      cwd: ROOT,
      env: cleanEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const running = await watchUntilReady(child);
  const base = (running.functions ?? "").replace(/\/$/, "");
  await running.line(/curl http.*\/hi$/);
  const create = (slug: string) =>
    fetch(`${base}/api/links`, {
      method: "POST",
      body: JSON.stringify({ url: "https://example.com/", slug }),
    });
  expect((await create("hi")).status).toBe(201);
  expect((await create("hi")).status).toBe(409);
  expect((await create("NOT OK")).status).toBe(400);
  const visits = await Promise.all(
    Array.from({ length: 10 }, () => fetch(`${base}/hi`, { redirect: "manual" })),
  );
  expect(visits.map((visit) => visit.headers.get("location"))).toEqual(
    visits.map(() => "https://example.com/"),
  );
  expect(await (await fetch(`${base}/api/links/hi`)).json()).toEqual({
    slug: "hi",
    target: "https://example.com/",
    visits: 10,
  });
  expect(await (await fetch(`${base}/api/links`)).json()).toMatchObject({
    links: [{ slug: "hi" }],
    cursor: null,
  });
  expect(await (await fetch(base)).text()).toContain("<title>Kvasir links</title>");
  expect((await fetch(`${base}/api/links/hi`, { method: "DELETE" })).status).toBe(204);
  expect((await fetch(`${base}/hi`)).status).toBe(404);
});
