import { renameSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";
import { startFunction } from "../../harness/start-function.js";

const CONFIG = { name: "site", compatibility_date: "2025-06-01", assets: { directory: "public" } };
const config = (more: object = {}) => JSON.stringify({ ...CONFIG, ...more });

describe("static assets in dev", () => {
  let project: Project;
  let running: Running;
  beforeAll(async () => {
    project = new Project({
      "wrangler.json": config({ main: "worker.js", assets: { directory: "public", binding: "ASSETS" } }),
      "worker.js":
        "let count = 0; export default { fetch: (request, env) => new Response(['worker', ++count, Object.keys(env)].join(' ')) };",
      "public/index.html": "one",
      "public/a.txt": "a",
    });
    running = await runFunctions([project.root]);
  });
  afterAll(async () => {
    await running.close();
    project.remove();
  });
  const get = (path: string, init?: RequestInit) =>
    fetch(running.functions.url + path, { redirect: "manual", ...init });

  it("shows an edit to the next request, with another ETag", async () => {
    const before = await get("/");
    const etag = before.headers.get("etag") ?? "";
    expect(await before.text()).toBe("one");
    expect((await get("/", { headers: { "If-None-Match": etag } })).status).toBe(304);
    project.write({ "public/index.html": "two" });
    const after = await get("/", { headers: { "If-None-Match": etag } });
    expect([after.status, await after.text()]).toEqual([200, "two"]);
  });

  it("shows new and removed files to the next request, without a restart of the Worker", async () => {
    expect(await (await get("/new.txt")).text()).toBe("worker 1 ASSETS");
    project.write({ "public/new.txt": "new" });
    expect(await (await get("/new.txt")).text()).toBe("new");
    rmSync(`${project.root}/public/new.txt`);
    expect(await (await get("/new.txt")).text()).toBe("worker 2 ASSETS");
  });

  it("serves a folder that a build removed and made again", async () => {
    renameSync(`${project.root}/public`, `${project.root}/gone`);
    project.write({ "public/index.html": "built again" });
    expect(await (await get("/")).text()).toBe("built again");
  });

  it("reads the rules again after an edit, and names the lines that are wrong", async () => {
    project.write({ "public/_headers": "/*\n  X-Rule: yes\n", "public/_redirects": "/old /\nwhat\n" });
    await running.events.next("log", "reloaded");
    expect((await get("/old")).status).toBe(302);
    expect((await get("/")).headers.get("X-Rule")).toBe("yes");
  });
});

describe("static assets", () => {
  it("are a Worker without code", async () => {
    const { ask, events } = await startFunction(
      { "wrangler.json": config(), "public/index.html": "home", "public/_redirects": "/a\n/b /c 999\n" },
      { paths: [""] },
    );
    expect(await (await ask("/")).text()).toBe("home");
    expect((await ask("/none")).status).toBe(404);
    expect(events.all.flatMap((event) => (event.event === "log" ? [event.message] : []))).toEqual([
      expect.stringMatching(/_redirects:1: Expected exactly 2 or 3 .* This line is ignored\.$/),
      expect.stringMatching(/_redirects:2: Valid status codes are .* This line is ignored\.$/),
    ]);
  });

  it("live below the name of a function among several, and redirect there", async () => {
    const { ask } = await startFunction(
      {
        "a/wrangler.json": config(),
        "a/public/about/index.html": "about",
        "b.js": "export default { fetch: () => new Response('b') };",
      },
      { paths: ["a", "b.js"] },
    );
    expect(await (await ask("/site/about/")).text()).toBe("about");
    expect((await ask("/site/about")).headers.get("Location")).toBe("/site/about/");
    expect(await (await ask("/b/")).text()).toBe("b");
  });

  const main = { main: "worker.js" };
  it.each<[object, Readonly<Record<string, string>>, RegExp]>([
    [{ assets: { directory: "none" } }, {}, /the folder of assets, .*none, does not exist/],
    [{ assets: { directory: "worker.js" } }, {}, /the folder of assets, .*, is not a folder/],
    [{ assets: {} }, {}, /assets has no directory/],
    [{ assets: { directory: "public", binding: "A" } }, {}, /assets\.binding needs a Worker/],
    [{ assets: { directory: "public", run_worker_first: true } }, {}, /run_worker_first needs a Worker/],
    [{ assets: { directory: "public", run_worker_first: [] }, ...main }, {}, /at least one pattern/],
    [
      { assets: { directory: "public", run_worker_first: ["api"] }, ...main },
      {},
      /"api": a pattern must begin/,
    ],
    [{ assets: { directory: "public", run_worker_first: ["!/a"] }, ...main }, {}, /only exceptions/],
    [{ assets: { directory: "public", run_worker_first: ["/a/*", "/a/b"] }, ...main }, {}, /makes redundant/],
    [{ assets: { directory: "public", html_handling: "x" } }, {}, /html_handling must be one of auto-/],
    [{ assets: { directory: "public", base_path: "http://x" } }, {}, /base_path must be a path/],
    [{ site: { bucket: "public" }, ...main }, {}, /either assets or a site/],
    [{}, { "public/large.bin": "x".repeat(26_214_401) }, /large\.bin has 26214401 bytes/],
  ])("refuse %j", async (more, files, message) => {
    const project = {
      "wrangler.json": config(more),
      "worker.js": "export default {}",
      "public/a": "",
      ...files,
    };
    await expect(startFunction(project, { paths: [""] })).rejects.toThrow(message);
  });
});
