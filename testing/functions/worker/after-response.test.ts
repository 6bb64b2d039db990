import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { PYTHON } from "../../harness/languages.js";
import { Project } from "../../harness/project.js";
import { describeWith } from "../../harness/requirements.js";

let project: Project;
let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
  project.remove();
});

const CONFIG = '{"name":"fn","main":"fn.js","kv_namespaces":[{"binding":"KV","id":"kv"}]}';
/** It waits for the test to release it, and then takes longer than an idle process takes to stop. */
const WORK = `while ((await env.KV.get("go")) === null) await scheduler.wait(5);
  await scheduler.wait(150);
  await env.KV.put("k", "written");`;
/** Several reads, then a write. Each operation of the chain is started by the one before it. */
const SLOW_CHAIN = (get: string, put: string) =>
  `let chain = Promise.resolve();
  for (let read = 0; read < 50; read++) chain = chain.then(() => ${get}("absent"));
  chain.then(() => ${put});`;

/** Functions that continue after their response and write at the end. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  "ctx.waitUntil": `export default { fetch(request, env, ctx) {
    ctx.waitUntil((async () => { ${WORK} })());
    return new Response("responded");
  } };`,
  "waitUntil within waitUntil": `export default { fetch(request, env, ctx) {
    ctx.waitUntil(scheduler.wait(50).then(() => ctx.waitUntil((async () => { ${WORK} })())));
    return new Response("responded");
  } };`,
  "ctx of a class": `import { WorkerEntrypoint } from "cloudflare:workers";
  export default class extends WorkerEntrypoint { fetch() {
    const { env } = this;
    this.ctx.waitUntil((async () => { ${WORK} })());
    return new Response("responded");
  } }`,
  "waitUntil of cloudflare:workers": `import { waitUntil, env } from "cloudflare:workers";
  export default { fetch() {
    waitUntil((async () => { ${WORK} })());
    return new Response("responded");
  } };`,
  "event.waitUntil": `const env = { KV };
  addEventListener("fetch", (event) => {
    event.waitUntil((async () => { ${WORK} })());
    event.respondWith(new Response("responded"));
  });`,
  "an Express-style function": `module.exports = async (req, res) => {
    res.send("responded");
    ${WORK}
  };`,
  "operations of kv that nothing awaits": `module.exports = (req, res) => {
    ${SLOW_CHAIN("kv.get", "kv.set('k', 'written')")}
    res.send("responded");
  };`,
  "operations of a handler's prelude that nothing awaits": `export async function handler(request) {
    ${SLOW_CHAIN("kvGet", "kvPut('k', 'written')")}
    return new Response("responded");
  }`,
};

async function begun(code: string, options: Parameters<typeof runFunctions>[1] = {}): Promise<Running> {
  project = new Project({ "wrangler.json": CONFIG, "fn.js": code });
  running = await runFunctions([project.root], options);
  expect(await running.text()).toBe("responded");
  return running;
}

const letGo = ({ database }: Running) => database.namespaceById("kv").put("go", "");
const stored = ({ database }: Running) =>
  database
    .namespaceById("kv")
    .get("k")
    .then((value) => value?.replaceAll('"', ""));

describe.each(Object.entries(FUNCTIONS))("what goes on after a response: %s", (_name, code) => {
  it("is finished before the functions end", async () => {
    const started = await begun(code);
    await letGo(started);
    await started.functions.close();
    expect(await stored(started)).toBe("written");
    expect(started.events.all.filter(({ event }) => event === "error")).toEqual([]);
  });

  it("is finished by the version that began it, while the new one serves", async () => {
    const started = await begun(code);
    project.write({ "fn.js": 'export default { fetch: () => new Response("new") };' });
    await started.events.next("log", "reloaded");
    expect(await started.text()).toBe("new");
    await letGo(started);
    await started.functions.close();
    expect(await stored(started)).toBe("written");
  });
});

it("each of several functions finishes its own work", async () => {
  const waits = (ms: number, key: string) => `export default { fetch(request, env, ctx) {
    ctx.waitUntil(scheduler.wait(${ms}).then(() => env.KV.put("${key}", "written")));
    return new Response("responded");
  } };`;
  const config = (name: string) => CONFIG.replace('"fn"', `"${name}"`);
  project = new Project({
    "a/wrangler.json": config("a"),
    "a/fn.js": waits(50, "a"),
    "b/wrangler.json": config("b"),
    "b/fn.js": waits(200, "b"),
  });
  running = await runFunctions([`${project.root}/a`, `${project.root}/b`]);
  await Promise.all([running.text("/a/"), running.text("/b/")]);
  await running.functions.close();
  const kv = running.database.namespaceById("kv");
  expect([await kv.get("a"), await kv.get("b")]).toEqual(["written", "written"]);
});

describe("a request that is in flight when the functions are to end", () => {
  it("may begin work at its own end", async () => {
    project = new Project({
      "wrangler.json": CONFIG,
      "fn.js": `export default { async fetch(request, env, ctx) {
        console.log("begun");
        await scheduler.wait(200);
        ctx.waitUntil((async () => { ${WORK} })());
        return new Response("responded");
      } };`,
    });
    running = await runFunctions([project.root]);
    const response = fetch(running.functions.url);
    await running.events.next("log", "begun");
    await letGo(running);
    await running.functions.close();
    expect(await (await response).text()).toBe("responded");
    expect(await stored(running)).toBe("written");
  });

  it("may begin work while its response streams", async () => {
    project = new Project({
      "wrangler.json": CONFIG,
      "fn.js": `export default { async fetch(request, env, ctx) {
        const { readable, writable } = new TransformStream({ flush() { ctx.waitUntil((async () => { ${WORK} })()); } });
        const writer = writable.getWriter();
        ctx.waitUntil((async () => {
          await writer.write(new TextEncoder().encode("begun"));
          await scheduler.wait(200);
          await writer.close();
        })());
        return new Response(readable);
      } };`,
    });
    running = await runFunctions([project.root]);
    const response = await fetch(running.functions.url);
    await letGo(running);
    await running.functions.close();
    expect(await response.text()).toBe("begun");
    expect(await stored(running)).toBe("written");
  });
});

it("work that does not finish in time is cut off, which is said once with its function and how much it was", async () => {
  const { functions, events } = await begun(`export default { fetch(request, env, ctx) {
    for (let task = 0; task < 2; task++) ctx.waitUntil(scheduler.wait(60_000));
    return new Response("responded");
  } };`);
  const startMs = performance.now();
  await functions.close();
  expect(performance.now() - startMs).toBeLessThan(4_500);
  expect(events.all.filter(({ event }) => event === "log")).toEqual([
    {
      event: "log",
      level: "warn",
      function: "fn",
      message: "2 background tasks of fn did not finish in time and had to be cut off.",
    },
  ]);
});

describeWith(PYTHON, "while a new version does not come to start", () => {
  it.each([
    ["a Worker", "fn.js", "while (true); export default {};"],
    ["Python", "other.py", "while True: pass"],
  ])("work is finished all the same: %s", async (_language, file, loop) => {
    project = new Project({
      "wrangler.json": CONFIG,
      "fn.js": FUNCTIONS["ctx.waitUntil"] ?? "",
      "other.py": "async def handler(request):\n    return 1\n",
    });
    running = await runFunctions([project.root, `${project.root}/other.py`]);
    expect(await running.text("/fn/")).toBe("responded");
    const before = children();
    project.write({ [file]: `${loop}\n` });
    const { functions } = running;
    await expect.poll(children).toHaveLength(before.length + 1);
    await letGo(running);
    const startMs = performance.now();
    await functions.close();
    expect(performance.now() - startMs).toBeLessThan(3_500);
    expect(await stored(running)).toBe("written");
  });
});

/** The process ids of the functions' processes. */
function children(): string[] {
  const lines = execFileSync("ps", ["-A", "-o", "ppid=,pid=,args="], { encoding: "utf8" }).split("\n");
  return lines.filter(
    (line) => /workerd serve|kvasir\.runner/.test(line) && line.trim().startsWith(`${process.pid} `),
  );
}
