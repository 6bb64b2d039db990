import { Agent, get } from "node:http";
import { join } from "node:path";
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

const worker = (body: string) => `export default { async fetch(request, env) { ${body} } };`;
const says = (text: string) => worker(`return new Response(${JSON.stringify(text)});`);

async function start(files: Record<string, string>): Promise<Running> {
  project = new Project({ "wrangler.json": '{"name":"fn","main":"a.js"}', ...files });
  running = await runFunctions([project.root]);
  return running;
}

it("a function that loops while it starts answers with that, until an edit mends it", async () => {
  project = new Project({ "w.js": "while (true); export default {};" });
  running = await runFunctions([`${project.root}/w.js`], { startMsMax: 1_000 });
  expect((await running.events.next("error")).message).toMatch(/did not start within 1 s\. Look for a loop/);
  expect(await running.text()).toContain("did not start within 1 s. Look for a loop");
  project.write({ "w.js": 'export default { fetch: () => new Response("mended") };' });
  await running.events.next("log", "reloaded");
  expect(await running.text()).toBe("mended");
});

describe("an edit", () => {
  it("is served once the reload is told", async () => {
    const { events, text } = await start({ "a.js": says("one") });
    expect(await text()).toBe("one");
    project.write({ "a.js": says("two") });
    await events.next("log", "reloaded");
    expect(await text()).toBe("two");
  });

  it("of an imported file, a text module, the config or .dev.vars is seen too", async () => {
    const { events, text } = await start({
      "a.js": `import { b } from "./b.js"; import t from "./t.txt"; ${worker("return Response.json([b, t, env]);")}`,
      "b.js": "export const b = 1;",
      "t.txt": "t1",
    });
    expect(await text()).toBe('[1,"t1",{}]');
    for (const [files, expected] of [
      [{ "b.js": "export const b = 2;" }, '[2,"t1",{}]'],
      [{ "t.txt": "t2" }, '[2,"t2",{}]'],
      [{ ".dev.vars": "S=1" }, '[2,"t2",{"S":"1"}]'],
      [{ "wrangler.json": '{"name":"fn","main":"a.js","vars":{"V":2}}' }, '[2,"t2",{"V":2,"S":"1"}]'],
    ] as const) {
      project.write(files);
      await events.next("log", "reloaded");
      expect(await text()).toBe(expected);
    }
  });

  it("that does not build leaves the last good version serving, and says where it is wrong", async () => {
    const { events, text } = await start({ "a.js": says("good") });
    project.write({ "a.js": "export default {\n  fetch() { return new Response('x' }\n};" });
    const error = await events.next("error");
    expect(error.message).toMatch(/a\.js:2:37: Expected "\)" but found "}"/);
    expect(error.stack).toBe(`    2 |   fetch() { return new Response('x' }\n      | ${" ".repeat(36)}^`);
    expect(error.function).toBe("fn");
    expect(await text()).toBe("good");
    project.write({ "a.js": says("mended") });
    await events.next("log", "reloaded");
    expect(await text()).toBe("mended");
  });

  it("that throws while it loads leaves the last good version serving, a crash included", async () => {
    const { events, text, functions } = await start({ "a.js": says("good") });
    project.write({ "a.js": `const config = undefined;\nconfig.missing;\n${says("bad")}` });
    const error = await events.next("error");
    expect(error.message).toContain("Cannot read properties of undefined (reading 'missing')");
    expect(error.stack).toContain("a.js:2:8");
    expect(await text()).toBe("good");
    process.kill(functions.pids[0] as number, "SIGKILL");
    expect(await text()).toBe("good");
  });

  it("of a broken config leaves the function serving", async () => {
    const { events, text } = await start({ "a.js": says("good") });
    project.write({ "wrangler.json": '{"name":"fn",' });
    expect((await events.next("error")).message).toMatch(/wrangler\.json:1:\d+: this is not JSON/);
    expect(await text()).toBe("good");
  });

  it("mends a function that could not start at all, which meanwhile says why", async () => {
    const { events, text } = await start({ "a.js": "export default { fetch( };" });
    expect(await text()).toMatch(/a\.js:1:25: Expected identifier/);
    project.write({ "a.js": says("works") });
    await events.next("log", "reloaded");
    expect(await text()).toBe("works");
  });

  it("of a namespace's name creates it", async () => {
    const { events, text, database } = await start({ "a.js": says("x") });
    project.write({
      "wrangler.json": '{"name":"fn","main":"a.js","kv_namespaces":[{"binding":"KV","id":"fresh"}]}',
      "a.js": worker('await env.KV.put("k", "v"); return new Response(await env.KV.get("k"));'),
    });
    await events.next("log", "reloaded");
    expect(await text()).toBe("v");
    expect(await database.namespaceById("fresh").get("k")).toBe("v");
  });
});

describe("while functions reload", () => {
  it("no request fails, on kept or on new connections, and each is answered by some version", async () => {
    const { events, functions } = await start({ "a.js": says("0") });
    const reloads = 50;
    const clients = [new Agent({ keepAlive: true }), new Agent({ keepAlive: false })];
    const failures: string[] = [];
    const answers = new Set<string>();
    let done = false;
    const hammer = async (agent: Agent) => {
      while (!done) {
        try {
          answers.add(await body(functions.url, agent));
        } catch (error) {
          failures.push(
            `${agent === clients[0] ? "kept" : "new"} connection: ${(error as NodeJS.ErrnoException).code}`,
          );
        }
      }
    };
    const hammering = Promise.all([...clients, ...clients].map(hammer));
    for (let version = 1; version <= reloads; version++) {
      project.write({ "a.js": says(String(version)) });
      await events.next("log", "reloaded");
    }
    done = true;
    await hammering;
    expect(failures).toEqual([]);
    expect(await body(functions.url, new Agent())).toBe(String(reloads));
    expect(answers.size).toBeGreaterThan(reloads / 2);
  }, 120_000);

  it("a request under way is finished by the version that began it", async () => {
    const { events, functions } = await start({
      "a.js": worker(`
        const { readable, writable } = new TransformStream();
        const writer = writable.getWriter();
        writer.write(new TextEncoder().encode("begun, "));
        request.text().then(() => writer.write(new TextEncoder().encode("finished by one"))).then(() => writer.close());
        return new Response(readable);`),
    });
    let finish = () => {};
    const upload = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("x"));
        finish = () => controller.close();
      },
    });
    const response = await fetch(functions.url, {
      method: "POST",
      body: upload,
      duplex: "half",
    } as RequestInit);
    project.write({ "a.js": says("two") });
    await events.next("log", "reloaded");
    finish();
    expect(await response.text()).toBe("begun, finished by one");
  });
});

function body(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text)).on("error", reject);
    }).on("error", reject);
  });
}

it("watches nothing in serve mode", async () => {
  project = new Project({ "a.js": says("one"), "wrangler.json": '{"main":"a.js"}' });
  running = await runFunctions([join(project.root, "a.js")], { mode: "serve" });
  project.write({ "a.js": says("two") });
  expect(await running.text()).toBe("one");
});
