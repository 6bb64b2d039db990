import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { KVNamespace } from "@kvasir/client";
import { getPlatformProxy } from "kvasir";
import { expect, test } from "vitest";
import { kvasirOk, startKvasir } from "../../harness/command.js";
import { frameworkProject, viteDev } from "./framework-project.js";

interface Env {
  readonly KV: KVNamespace;
  readonly TITLE: string;
  readonly LIMITS: { readonly n: number };
  readonly SECRET: string;
  readonly VERSION: { readonly id: string; readonly tag: string };
  readonly QUEUE: { send(message: string): Promise<void> };
  readonly LIMITER: { limit(options: { key: string }): Promise<{ success: boolean }> };
  readonly OTHER: { fetch(url: string): Promise<Response> };
}

const CONFIG = JSON.stringify({
  name: "site",
  main: "worker.js",
  kv_namespaces: [{ binding: "KV", id: "production", preview_id: "local" }],
  vars: { TITLE: "top", LIMITS: { n: 1 } },
  version_metadata: { binding: "VERSION" },
  services: [{ binding: "OTHER", service: "other" }],
  queues: { producers: [{ binding: "QUEUE", queue: "jobs" }] },
  ratelimits: [{ name: "LIMITER", namespace_id: "1", simple: { limit: 2, period: 60 } }],
  env: { staging: { vars: { TITLE: "staging" } } },
});
const WORKER = `export default { async fetch(request, env) {
  if (request.method === "POST") return Response.json(await env.LIMITER.limit({ key: "a" }));
  if (request.method === "PUT") await env.KV.put("k", await request.text());
  return new Response(await env.KV.get("k"));
} };`;

test("env has the namespaces of dev, variables, secrets, and stand-ins that say what to do", async () => {
  const cwd = frameworkProject({ "wrangler.json": CONFIG, ".dev.vars": "SECRET=s3", "worker.js": WORKER });
  const configPath = `${cwd}/wrangler.json`;
  const first = await getPlatformProxy<Env>({ configPath });
  const { env, cf, ctx, caches } = first;
  expect(env).toMatchObject({ TITLE: "top", LIMITS: { n: 1 }, SECRET: "s3", VERSION: { tag: "" } });
  await env.KV.put("k", "from Node");
  expect(await env.KV.get("k")).toBe("from Node");
  expect(await kvasirOk(["kv", "key", "get", "k", "--namespace-id", "local"], { cwd })).toBe("from Node");
  await expect(env.OTHER.fetch("http://other/")).rejects.toThrow("env.OTHER.fetch() needs workerd");
  await expect(env.QUEUE.send("x")).rejects.toThrow('Kvasir has no bindings of the kind "Queue"');
  expect(await Promise.resolve(env.OTHER)).toBe(env.OTHER);
  expect(cf).toMatchObject({ country: "US", tlsVersion: "TLSv1.3" });
  expect(Object.isFrozen(cf) && Object.isFrozen(cf["botManagement"])).toBe(true);
  expect(ctx.waitUntil(Promise.resolve())).toBeUndefined();
  const { waitUntil } = ctx;
  expect(() => waitUntil(Promise.resolve())).toThrow("Illegal invocation");
  await caches.default.put("http://a/", new Response());
  expect(await caches.default.match("http://a/")).toBeUndefined();

  // A dev server that restarts in its process asks again before it disposes of the old one.
  const second = await getPlatformProxy<Env>({ configPath, environment: "staging" });
  expect(second.env.TITLE).toBe("staging");
  expect(second.env.KV).toBeUndefined();
  await Promise.all([first.dispose(), second.dispose()]);
  const memory = await getPlatformProxy<Env>({ configPath, persist: false });
  expect(await memory.env.KV.get("k")).toBeNull();
  await memory.dispose();
});

test("a process that does not dispose of it ends", async () => {
  const cwd = frameworkProject({ "wrangler.json": CONFIG, "worker.js": WORKER });
  const program = `import { getPlatformProxy } from "kvasir";
    const { env } = await getPlatformProxy();
    await env.KV.put("k", "v");
    console.log(await env.KV.get("k"));`;
  const args = ["--input-type=module", "-e", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 20_000 });
  expect(stdout).toBe("v\n");
});

test("a Vite dev server and kvasir dev of the same folder share writes and rate limits", async () => {
  const cwd = frameworkProject({
    "wrangler.json": CONFIG,
    "worker.js": WORKER,
    "package.json": '{ "type": "module" }',
    "vite.config.js": `import { getPlatformProxy } from "kvasir";
      export default {
        plugins: [{
          name: "platform",
          async configureServer(server) {
            const { env, dispose } = await getPlatformProxy();
            server.httpServer.once("close", dispose);
            server.middlewares.use("/limit", async (request, response) => {
              response.end(JSON.stringify(await env.LIMITER.limit({ key: "a" })));
            });
            server.middlewares.use("/api", async (request, response) => {
              if (request.method === "POST") await env.KV.put("k", "from Vite");
              response.end(await env.KV.get("k"));
            });
          },
        }],
      };`,
  });
  const [dev, url] = await Promise.all([
    startKvasir(["dev", "--port", "0", "--api-port", "0"], { cwd }),
    viteDev(cwd),
  ]);
  const worker = dev.functions ?? "";
  await fetch(worker, { method: "PUT", body: "from the Worker" });
  expect(await (await fetch(`${url}/api`)).text()).toBe("from the Worker");
  await fetch(`${url}/api`, { method: "POST" });
  expect(await (await fetch(worker)).text()).toBe("from Vite");

  const success = async (address: string, init?: RequestInit) =>
    ((await (await fetch(address, init)).json()) as { readonly success: boolean }).success;
  const afterVite = async () => {
    while (await success(`${url}/limit`));
    return await success(worker, { method: "POST" });
  };
  // A new minute may begin between the two, and with it a new window.
  expect((await afterVite()) && (await afterVite())).toBe(false);
});
