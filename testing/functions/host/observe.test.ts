import { afterEach, describe, expect, it } from "vitest";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

let project: Project;
let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
  project.remove();
});

const SOURCE = `// a line that esbuild drops
interface Unused { field: string }
function explode(what: string): never {
  throw new RangeError(\`exploded: \${what}\`, { cause: new Error("spark") });
}
export default {
  async fetch(request: Request, env: unknown, ctx: any): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/throw") explode("fetch");
    if (pathname === "/text") throw "only text";
    if (pathname === "/wait") ctx.waitUntil(Promise.resolve().then(() => explode("waitUntil")));
    if (pathname === "/floating") void Promise.resolve().then(() => explode("floating"));
    if (pathname === "/hang") return new Promise(() => {});
    if (pathname === "/stream") return new Response(new ReadableStream({ pull() { explode("stream"); } }));
    if (pathname === "/binding") await (env as any).KV.put("", "x");
    if (pathname === "/nothing") return undefined as never;
    if (pathname === "/console") {
      console.log("%s and", "format", { a: 1 });
      console.warn("two\\nlines");
      console.error(new Error("logged"));
      console.debug("detail");
    }
    return new Response("fine", { status: 201 });
  },
};
`;

async function start(mode: "dev" | "serve" = "dev"): Promise<Running> {
  project = new Project({
    "wrangler.json": '{"name":"fn","main":"src/a.ts","kv_namespaces":[{"binding":"KV","id":"kv"}]}',
    "src/a.ts": SOURCE,
  });
  running = await runFunctions([project.root], { mode });
  return running;
}

describe("in dev", () => {
  it("an uncaught error is told with the places of the source, and answered with them", async () => {
    const { events, functions } = await start();
    const response = await fetch(`${functions.url}/throw`);
    const text = await response.text();
    const error = await events.next("error");
    expect(error).toMatchObject({ function: "fn", message: "RangeError: exploded: fetch" });
    for (const stack of [error.stack, text]) {
      expect(stack).toContain("RangeError: exploded: fetch\n    at explode (src/a.ts:4:9)");
      expect(stack).toContain("src/a.ts:9:32");
      expect(stack).toContain("Caused by: Error: spark");
      expect(stack).not.toContain("kvasir-");
    }
    expect(error.excerpt).toContain("> 4 |   throw new RangeError(");
    expect(response.status).toBe(500);
    expect(response.headers.get("Content-Type")).toContain("text/plain");
  });

  it("a browser gets the error as a page, with nothing of it taken for markup", async () => {
    const { functions } = await start();
    const headers = { Accept: "text/html,*/*", "X-Markup": "<script>" };
    const page = await (await fetch(`${functions.url}/throw?<b>`, { headers })).text();
    expect(page).toContain("<!doctype html>");
    expect(page).toContain("src/a.ts:4:9");
    expect(page).toContain("&gt; 4 |   throw new RangeError(");
    expect(page).toContain("{ cause: new Error(&quot;spark&quot;) });\n");
    expect(page).toContain("2 | interface Unused { field: string }\n");
    expect(page).toContain(`GET ${functions.url}/throw?%3Cb%3E\n`);
    expect(page).toContain("x-markup: &lt;script&gt;");
    expect(page).not.toContain("<script>");
  });

  it.each([
    ["/wait", "exploded: waitUntil", 201],
    ["/floating", "exploded: floating", 201],
    ["/text", "only text", 500],
    ["/nothing", "did not return a Response", 500],
    ["/hang", "A request was given up", 500],
    ["/binding", "Key name cannot be empty", 500],
  ])("what goes wrong at %s is told, once", async (path, message, status) => {
    const { events, functions, text } = await start();
    expect((await fetch(functions.url + path)).status).toBe(status);
    const error = await events.next("error");
    expect(error.message).toContain(message);
    expect(error.stack ?? "").not.toContain("kvasir");
    await text("/last");
    await events.next("request", "/last");
    expect(events.all.filter(({ event }) => event === "error")).toHaveLength(1);
  });

  it("an answer that breaks off in the middle is told", async () => {
    const { events, functions } = await start();
    await expect(fetch(`${functions.url}/stream`).then((response) => response.text())).rejects.toThrow();
    expect((await events.next("error")).message).toBe("RangeError: exploded: stream");
  });

  it("a start says nothing that asks for nothing", async () => {
    const flags = { compatibility_date: "2026-09-01", compatibility_flags: ["nodejs_compat"] };
    project = new Project({
      "wrangler.json": JSON.stringify({ name: "fn", main: "a.js", ...flags }),
      "a.js": `throw new Error("at load"); export default {};`,
    });
    running = await runFunctions([project.root]);
    expect(running.events.all).toMatchObject([{ event: "error", message: "Error: at load" }]);
  });

  it("each request is one event", async () => {
    const { events, functions } = await start();
    await fetch(`${functions.url}/a%20b?q=1`, { method: "POST" });
    const request = await events.next("request");
    expect(request).toMatchObject({ function: "fn", method: "POST", path: "/a%20b?q=1", status: 201 });
    expect(request.ms).toBeGreaterThanOrEqual(0);
  });

  it("the console's lines keep their level, their formats and their line breaks", async () => {
    const { events, text } = await start();
    await text("/console");
    await events.next("request");
    const logs = events.all.filter((event) => event.event === "log" && event.function === "fn");
    expect(logs).toMatchObject([
      { level: "info", message: "format and { a: 1 }" },
      { level: "warn", message: "two\nlines" },
      {
        level: "error",
        message: expect.stringContaining("Error: logged\n    at Object.fetch (src/a.ts:20:21)"),
      },
      { level: "debug", message: "detail" },
    ]);
  });
});

describe("in serve", () => {
  it("the client sees nothing of an uncaught error, the operator all of it", async () => {
    const { events, functions } = await start("serve");
    const response = await fetch(`${functions.url}/throw`);
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error\n"]);
    expect((await events.next("error")).stack).toContain("at explode (src/a.ts:4:9)");
    expect(events.all.filter(({ event }) => event === "request")).toEqual([]);
  });
});
