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

const ECHO = `let count = 0;
export default { async fetch(request, env) {
  const { pathname, search } = new URL(request.url);
  if (pathname === "/throw") throw new Error("thrown");
  console.log("called", { count: ++count });
  console.log({ only: "object" });
  return new Response(env.WHO + " " + pathname + search + " " + (await request.text()));
} };`;

async function start(): Promise<Running> {
  project = new Project({
    "one/wrangler.json": '{"name":"one","main":"../echo.js","vars":{"WHO":"first"}}',
    "two/wrangler.json": '{"name":"two","main":"../echo.js","vars":{"WHO":"second"}}',
    "echo.js": ECHO,
  });
  running = await runFunctions([`${project.root}/one`, `${project.root}/two`]);
  return running;
}

describe("several functions", () => {
  it("answer each under its name, and see paths of their own", async () => {
    const { text, functions } = await start();
    expect(await text("/one/a/b?c=d")).toBe("first /a/b?c=d ");
    expect(await text("/two/")).toBe("second / ");
    expect(await text("/two")).toBe("second / ");
    const posted = await fetch(`${functions.url}/one/x`, { method: "POST", body: "body" });
    expect(await posted.text()).toBe("first /x body");
  });

  it("are named to whoever asks for another", async () => {
    const { functions } = await start();
    const response = await fetch(`${functions.url}/three/x`);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe(
      "There is no function at /three. The functions here are:\n  /one/\n  /two/\n",
    );
  });

  it("say in each event whose it is, with the path that the client sent", async () => {
    const { text, events } = await start();
    await text("/two/x");
    expect(await events.next("log", "called")).toMatchObject({
      function: "two",
      message: "called { count: 1 }",
    });
    expect(await events.next("log", "object")).toMatchObject({
      function: "two",
      message: "{ only: 'object' }",
    });
    expect(await events.next("request")).toMatchObject({ function: "two", path: "/two/x" });
    expect(await text("/one/throw")).toContain("echo.js:4:36");
    expect(await events.next("error")).toMatchObject({ function: "one", message: "Error: thrown" });
  });

  it("reload together with the file that they share, and one's mistake leaves the other alone", async () => {
    const { text, events } = await start();
    project.write({
      "one/wrangler.json": '{"name":"one","main":"own.js"}',
      "one/own.js": "export default {",
    });
    await events.next("error", "own.js");
    expect(await text("/one/")).toBe("first / ");
    project.write({ "echo.js": 'export default { fetch: (_, env) => new Response("new " + env.WHO) };' });
    await events.next("log", "reloaded");
    expect(await text("/two/")).toBe("new second");
  });

  it("run in a process each: one that loops without end is replaced, and the others keep theirs", async () => {
    project = new Project({
      "loops.js": `export default { fetch({ url }) {
        while (url.endsWith("/loop"));
        return new Response("well");
      } };`,
      "keeps.js": "let id; export default { fetch: () => new Response(id ??= crypto.randomUUID()) };",
    });
    running = await runFunctions([`${project.root}/loops.js`, `${project.root}/keeps.js`], {
      busyMsMax: 300,
    });
    const { text, functions, events } = running;
    const id = await text("/keeps/");
    const looping = fetch(`${functions.url}/loops/loop`);
    expect(await text("/keeps/")).toBe(id);
    expect(await events.next("error", "without a pause")).toMatchObject({ function: "loops" });
    expect((await looping).status).toBe(502);
    expect(await text("/loops/")).toBe("well");
    expect(await text("/keeps/")).toBe(id);
  });

  it("keep what they remember while another one is edited", async () => {
    project = new Project({
      "edited.js": 'export default { fetch: () => new Response("before") };',
      "keeps.js": "let id; export default { fetch: () => new Response(id ??= crypto.randomUUID()) };",
    });
    running = await runFunctions([`${project.root}/edited.js`, `${project.root}/keeps.js`]);
    const { text, events } = running;
    const id = await text("/keeps/");
    expect(await text("/edited/")).toBe("before");
    project.write({ "edited.js": 'export default { fetch: () => new Response("after") };' });
    await events.next("log", "reloaded");
    expect(await text("/edited/")).toBe("after");
    expect(await text("/keeps/")).toBe(id);
  });

  it("cannot share a name", async () => {
    project = new Project({ "a/index.js": ECHO, "b/a.js": ECHO });
    await expect(
      runFunctions([`${project.root}/a/index.js`, `${project.root}/b/a.js`]),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/^Two functions are called a: /),
      hint: expect.stringContaining('"name"'),
    });
  });
});
