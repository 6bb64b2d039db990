import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

// The expected outcomes are those of `wrangler dev -c a/wrangler.json -c b/wrangler.json` on the same folders.

const FILES = {
  "front/wrangler.json": JSON.stringify({
    name: "front",
    main: "front.js",
    compatibility_date: "2026-01-01",
    compatibility_flags: ["enable_ctx_exports"],
    services: [
      { binding: "BACK", service: "back" },
      { binding: "NAMED", service: "back", entrypoint: "Named", props: { who: "Ada" } },
      { binding: "SELF", service: "front" },
      { binding: "LOST", service: "nowhere" },
      { binding: "NO_ENTRY", service: "back", entrypoint: "Absent" },
    ],
  }),
  "front/front.js": `
import { WorkerEntrypoint } from "cloudflare:workers";
export class Own extends WorkerEntrypoint { hello(name) { return "hello " + name; } }
const outcome = async (call) => {
  try {
    const value = await call();
    return value instanceof Response ? value.status + " " + (await value.text()) : value;
  } catch (error) { return error.name + ": " + error.message; }
};
const calls = (env, ctx) => ({
  fetch: () => env.BACK.fetch("http://x/hello?q", { method: "POST", body: "body" }),
  cycle: () => env.BACK.fetch("http://x/cycle"),
  self: () => env.SELF.fetch("http://x/leaf"),
  method: () => env.NAMED.add(1, 2),
  props: () => env.NAMED.who(),
  pipelined: () => env.NAMED.counter().increment(),
  twice: async () => { using counter = await env.NAMED.counter(); await counter.increment(); return await counter.increment(); },
  function: async () => (await env.NAMED.doubler())(4),
  callback: () => env.NAMED.call((x) => x + 1),
  stream: async () => await new Response(await env.NAMED.stream()).text(),
  methodThrows: () => env.NAMED.boom(),
  methodRejects: () => env.NAMED.fizzle(),
  methodCatches: () => env.NAMED.careful(),
  getter: () => env.NAMED.secret,
  namedFetchThrows: () => env.NAMED.fetch("http://x/"),
  defaultThrows: () => env.BACK.fetch("http://x/throw"),
  exports: () => ctx.exports.Own.hello("self"),
  lostFetch: () => env.LOST.fetch("http://x/"),
  lostMethod: () => env.LOST.anything(),
  noEntry: () => env.NO_ENTRY.anything(),
});
export default { async fetch(request, env, ctx) {
  const { pathname } = new URL(request.url);
  if (pathname === "/leaf") return new Response("leaf");
  const call = calls(env, ctx)[pathname.slice(1)];
  return new Response(JSON.stringify(await outcome(call)));
} };`,
  "back/wrangler.json": JSON.stringify({
    name: "back",
    main: "back.js",
    compatibility_date: "2026-01-01",
    services: [{ binding: "FRONT", service: "front" }],
  }),
  "back/back.js": `
import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
class Counter extends RpcTarget { #count = 0; increment() { return ++this.#count; } }
export class Named extends WorkerEntrypoint {
  add(a, b) { return a + b; }
  who() { return this.ctx.props.who; }
  counter() { return new Counter(); }
  doubler() { return (x) => x * 2; }
  call(callback) { return callback(1); }
  stream() { return new Response("streamed").body; }
  #secret = "private";
  get secret() { return this.#secret; }
  boom() { throw new TypeError("thrown by a method"); }
  async fizzle() { await null; throw new TypeError("rejected by a method"); }
  async careful() {
    try { this.boom(); } catch {}
    return await this.fizzle().catch(({ message }) => this.#secret + ", caught: " + message);
  }
  fetch() { throw new RangeError("thrown by a named fetch"); }
}
export default { async fetch(request, env) {
  const { pathname, search } = new URL(request.url);
  if (pathname === "/throw") throw new Error("thrown by the default export");
  if (pathname === "/cycle") return new Response("back got " + (await (await env.FRONT.fetch("http://x/leaf")).text()));
  console.log("back %s", pathname, { a: 1 });
  console.log({ only: "object" });
  return new Response("back: " + pathname + search + " " + (await request.text()));
} };`,
  "alone/wrangler.json": JSON.stringify({ name: "alone", main: "alone.js" }),
  "alone/alone.js": `export default { fetch: () => new Response("alone") };`,
};

describe("Workers that call each other", () => {
  let project: Project;
  let running: Running;
  beforeAll(async () => {
    project = new Project(FILES);
    running = await runFunctions(["front", "back", "alone"].map((name) => `${project.root}/${name}`));
  });
  afterAll(async () => {
    await running.close();
    project.remove();
  });

  const outcome = async (name: string) => JSON.parse(await running.text(`/front/${name}`)) as unknown;

  it.each([
    ["fetch", "200 back: /hello?q body"],
    ["cycle", "200 back got leaf"],
    ["self", "200 leaf"],
    ["method", 3],
    ["props", "Ada"],
    ["pipelined", 1],
    ["twice", 2],
    ["function", 8],
    ["callback", 2],
    ["stream", "streamed"],
    ["methodThrows", "TypeError: thrown by a method"],
    ["methodRejects", "TypeError: rejected by a method"],
    ["methodCatches", "private, caught: rejected by a method"],
    ["getter", "private"],
    ["namedFetchThrows", "RangeError: thrown by a named fetch"],
    ["defaultThrows", "Error: thrown by the default export"],
    ["exports", "hello self"],
    ["lostFetch", '503 Worker "nowhere" not found. Make sure it is running locally.'],
    ["lostMethod", 'Error: Worker "nowhere" not found. Make sure it is running locally.'],
    ["noEntry", 'Error: Worker "back" has no entrypoint "Absent". Export a class of this name from it.'],
  ])("%s", async (name, expected) => {
    expect(await outcome(name)).toEqual(expected);
  });

  it("warn once of a Worker that does not run", () => {
    const warnings = running.events.all.filter((event) => event.event === "log" && event.level === "warn");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({
      message: expect.stringContaining("LOST leads to the Worker nowhere"),
    });
  });

  it("report errors of methods where they were thrown, and not those that the Worker catches itself", async () => {
    for (const name of ["methodCatches", "methodThrows", "methodRejects"]) await outcome(name);
    const told = () =>
      running.events.all.filter((event) => event.event === "error" && event.message.includes("by a method"));
    const thrown = expect.objectContaining({ message: "TypeError: thrown by a method", function: "back" });
    const rejected = expect.objectContaining({
      message: "TypeError: rejected by a method",
      function: "back",
      stack: expect.stringMatching(/Named\.fizzle \(back\.js:14:\d+\)/),
      excerpt: expect.stringContaining("fizzle()"),
    });
    // The first two are from the rows above, which called the same methods.
    await expect.poll(told).toEqual([thrown, rejected, thrown, rejected]);
  });

  it("say whose each line of the console and each error is", async () => {
    await outcome("fetch");
    expect(await running.events.next("log", "back /hello")).toMatchObject({
      function: "back",
      message: "back /hello { a: 1 }",
    });
    expect(await running.events.next("log", "only")).toMatchObject({
      function: "back",
      message: "{ only: 'object' }",
    });
    await outcome("defaultThrows");
    const error = await running.events.next("error", "default export");
    expect(error).toMatchObject({ function: "back", stack: expect.stringContaining("back.js:23:36") });
  });

  it("share one workerd, and a Worker that calls nobody keeps its own", async () => {
    const before = running.functions.pids;
    expect(before).toHaveLength(3);
    project.write({ "alone/alone.js": `export default { fetch: () => new Response("edited") };` });
    await running.events.next("log", "reloaded");
    expect(await running.text("/alone/")).toBe("edited");
    expect(running.functions.pids.filter((pid) => before.includes(pid))).toHaveLength(2);
  });

  it("see each other's edits, and the last good version while one is broken", async () => {
    project.write({ "back/back.js": FILES["back/back.js"].replace("return a + b", "return a * b * 10") });
    await running.events.next("log", "reloaded");
    expect(await outcome("method")).toBe(20);
    project.write({ "back/back.js": "export default {" });
    await running.events.next("error", "back.js");
    expect(await outcome("method")).toBe(20);
    project.write({ "back/back.js": `throw new Error("at load");\n${FILES["back/back.js"]}` });
    await running.events.next("error", "at load");
    expect(await outcome("method")).toBe(20);
    project.write({ "back/back.js": FILES["back/back.js"] });
    await running.events.next("log", "reloaded");
    expect(await outcome("method")).toBe(3);
  });

  it("are connected and separated by edits of their configs", async () => {
    const { services: _services, ...config } = JSON.parse(FILES["front/wrangler.json"]);
    const connected = { ...config, services: [{ binding: "BACK", service: "alone" }] };
    project.write({ "front/wrangler.json": JSON.stringify(connected) });
    await running.events.next("log", "reloaded");
    expect(await outcome("fetch")).toBe("200 edited");
    expect(running.functions.pids).toHaveLength(2);
  });
});

it("one that never built fails its callers, and mends with an edit", async () => {
  const project = new Project({ ...FILES, "back/back.js": "export default {" });
  const running = await runFunctions([`${project.root}/front`, `${project.root}/back`]);
  try {
    expect(await running.text("/front/self")).toBe('"200 leaf"');
    expect(await running.text("/front/method")).toContain('Worker \\"back\\" does not run');
    expect(await running.text("/front/fetch")).toContain('503 Worker \\"back\\" does not run');
    project.write({ "back/back.js": FILES["back/back.js"] });
    await running.events.next("log", "reloaded");
    expect(await running.text("/front/method")).toBe("3");
  } finally {
    await running.close();
    project.remove();
  }
});
