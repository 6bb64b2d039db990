import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

const CRON_WORKER = `export default {
  fetch(request) {
    if (new URL(request.url).pathname === "/table") {
      console.table([{ a: 1, b: "x" }, { a: 2, c: true }]);
      return new Response("printed");
    }
    let change = "allowed";
    try { request.headers.set("a", "b"); } catch (error) { change = error.message; }
    const copy = new Request(request);
    return Response.json({
      ip: request.headers.get("CF-Connecting-IP"), country: request.cf.country, tls: request.cf.tlsClientAuth.certPresented,
      copy: [copy.headers.get("CF-Connecting-IP"), copy.cf.colo], change, same: request.headers === request.headers,
    });
  },
  async scheduled(controller, env, ctx) {
    console.log(JSON.stringify([controller.cron, controller.scheduledTime]));
    if (controller.cron === "throw") throw new Error("thrown");
    if (controller.cron === "noRetry") controller.noRetry();
    if (controller.cron === "later") ctx.waitUntil(Promise.reject(new Error("later")));
  },
};`;
const CLASS = `import { WorkerEntrypoint } from "cloudflare:workers";
export default class extends WorkerEntrypoint {
  fetch(request) { return new Response(request.headers.get("CF-Connecting-IP")); }
  scheduled(controller) { if (controller.cron === "throw") throw new Error("thrown"); }
}`;
const LISTENERS = `addEventListener("scheduled", (event) => { if (event.cron === "throw") throw new Error("thrown"); });
addEventListener("fetch", (event) => event.respondWith(new Response("fetched")));`;
const config = (name: string, date = "2026-01-01") =>
  JSON.stringify({ name, main: "w.js", compatibility_date: date, triggers: { crons: ["*/5 * * * *"] } });

let project: Project;
let running: Running;

beforeAll(async () => {
  project = new Project({
    "cron/w.js": CRON_WORKER,
    "cron/wrangler.json": config("cron"),
    "old/w.js": CRON_WORKER,
    "old/wrangler.json": config("old", "2021-11-01"),
    "class/w.js": CLASS,
    "class/wrangler.json": config("class"),
    "listeners/w.js": LISTENERS,
    "listeners/wrangler.json": config("listeners"),
    "none/w.js": 'export default { fetch: () => new Response("fetched") };',
    "none/wrangler.json": config("none"),
  });
  running = await runFunctions(
    ["cron", "old", "class", "listeners", "none"].map((name) => `${project.root}/${name}`),
    { testScheduled: true, trustedProxies: ["127.0.0.0/8"] },
  );
});
afterAll(async () => {
  await running.close();
  project.remove();
});

const ask = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(running.functions.url + path, { headers });
  return [response.status, (await response.text()).split("\n")[0]];
};

describe("scheduled handlers in dev", () => {
  test.each(["cron", "old", "class", "listeners"])("%s", async (name) => {
    const path = `/${name}/cdn-cgi/handler/scheduled`;
    expect(await ask(path)).toEqual([200, "ok"]);
    expect(await ask(`/${name}/cdn-cgi/local/scheduled`)).toEqual([200, "ok"]);
    expect(await ask(`${path}?cron=throw`)).toEqual([500, "exception"]);
    expect(await ask(`${path}?format=json`)).toEqual([200, '{"outcome":"ok","noRetry":false}']);
    expect(await ask(`/${name}/__scheduled?cron=*`)).toEqual([200, "Ran scheduled event"]);
    expect(await ask(`/${name}/__scheduled?cron=throw`)).toEqual([500, "Error: thrown"]);
  });

  test("outcomes, times and missing handlers are wrangler's", async () => {
    const path = "/cron/cdn-cgi/handler/scheduled";
    expect(await ask(`${path}?cron=noRetry&format=json`)).toEqual([200, '{"outcome":"ok","noRetry":true}']);
    expect(await ask(`${path}?cron=later`)).toEqual([500, "exception"]);
    expect((await ask(`${path}?time=abc`))[0]).toBe(500);
    expect(await ask("/none/cdn-cgi/handler/scheduled?format=json")).toEqual([
      500,
      '{"outcome":"exception","noRetry":true}',
    ]);
  });

  test("other sites cannot trigger them", async () => {
    const path = "/cron/cdn-cgi/handler/scheduled";
    expect((await ask(path, { Origin: "http://evil.example" }))[0]).toBe(403);
  });
});

describe("what a Worker knows of a request", () => {
  test.each(["cron", "old"])("%s: address and placeholders", async (name) => {
    const response = await fetch(`${running.functions.url}/${name}/`, {
      headers: { "CF-Connecting-IP": "6.6.6.6" },
    });
    expect(await response.json()).toMatchObject({
      ip: "127.0.0.1",
      country: "US",
      tls: "0",
      copy: ["127.0.0.1", "DFW"],
      same: true,
      ...(name === "cron" && { change: "Can't modify immutable headers." }),
    });
  });

  test("a trusted proxy names the client, from right to left", async () => {
    const [, ip] = await ask("/class/", { "X-Forwarded-For": "6.6.6.6, 203.0.113.7, 127.0.0.9" });
    expect(ip).toBe("203.0.113.7");
  });
});
