import { request } from "node:http";
import { createServer } from "node:net";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  TOO_LONG,
  withinProcessTime,
} from "../../../packages/kvasir/src/functions/resources/process-time.js";
import { Debugger } from "../../harness/debugger.js";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";
import { startFunction } from "../../harness/start-function.js";

/** Line 6 computes. */
const code = (factor: string, before = "") => `${before}interface Asked { readonly n: number }

export default {
  async fetch(request: Request): Promise<Response> {
    const asked: Asked = { n: Number(new URL(request.url).searchParams.get("n")) };
    const result = asked.n * ${factor};
    return new Response(String(result));
  },
};
`;
const LINE = 6;

let project: Project;
let running: Running;
let address: string;
let source: string;
beforeAll(async () => {
  project = new Project({
    "wrangler.json": '{"name":"fn","main":"src/index.ts","dev":{"inspector_port":0}}',
    "src/index.ts": code("2"),
  });
  source = pathToFileURL(`${project.root}/src/index.ts`).href;
  running = await runFunctions([project.root]);
  const { message } = await running.events.next("log", "Debuggers attach");
  address = /127\.0\.0\.1:\d+/.exec(message)?.[0] ?? "";
});
afterAll(async () => {
  await running.close();
  project.remove();
});

const edit = async (text: string) => {
  project.write({ "src/index.ts": text });
  await running.events.next("log", "reloaded");
};

async function attachAt(line: number) {
  const client = await Debugger.attach(`ws://${address}/fn`);
  await client.ask("Runtime.enable");
  await client.ask("Debugger.enable");
  const { map, location } = await client.placeOf(source, line);
  const { breakpointId, locations } = await client.ask("Debugger.setBreakpointByUrl", location);
  expect(locations).toHaveLength(1);
  return { client, map, breakpointId };
}

describe("a debugger", () => {
  it("stops at a line of TypeScript and sees its variables", async () => {
    const { client, map, breakpointId } = await attachAt(LINE);
    expect(map.sourcesContent[map.sources.indexOf(source)]).toBe(code("2"));
    const response = running.text("/?n=21");
    const { hitBreakpoints, callFrames } = await client.next("Debugger.paused");
    expect(hitBreakpoints).toEqual([breakpointId]);
    const [{ callFrameId } = { callFrameId: "" }] = callFrames as { callFrameId: string }[];
    const frame = { callFrameId, expression: "asked.n" };
    expect((await client.ask("Debugger.evaluateOnCallFrame", frame))["result"]).toMatchObject({ value: 21 });
    await client.ask("Debugger.resume");
    expect(await response).toBe("42");
    client.close();
  });

  it("stays attached across edits, with breakpoints at their lines", async () => {
    const { client, breakpointId } = await attachAt(LINE);
    // Line 6 of the source moves in the bundle.
    await edit(code("3", "console.log(1); console.log(2); "));
    await client.next("Runtime.executionContextsCleared");
    const response = running.text("/?n=5");
    expect((await client.next("Debugger.paused"))["hitBreakpoints"]).toEqual([breakpointId]);
    await client.ask("Debugger.resume");
    expect(await response).toBe("15");
    // As an editor does: it finds the place in the new script and sets the breakpoint there.
    await edit(code("4"));
    const { location } = await client.placeOf(source, LINE);
    const { breakpointId: fresh } = await client.ask("Debugger.setBreakpointByUrl", location);
    await client.ask("Debugger.removeBreakpoint", { breakpointId: fresh });
    expect(await running.text("/?n=5")).toBe("20");
    client.close();
  });

  it("that has paused the code does not hold up an edit", async () => {
    const { client } = await attachAt(LINE);
    const response = running.text("/?n=7");
    await client.next("Debugger.paused");
    await edit(code("5"));
    await client.next("Debugger.resumed");
    expect(await response).toBe("28");
    client.close();
  });
});

it("a function that computes for too long is restarted, and not while a debugger is attached", async () => {
  const computes = `export default {
    fetch() {
      let sum = 0;
      for (let n = 0; n < 1e9; n++) sum = (sum + n) | 0;
      return new Response("computed " + sum);
    },
  };`;
  const { url, events, functions } = await startFunction(computes, { inspectorPort: 0, busyMsMax: 100 });
  const { message } = await events.next("log", "Debuggers attach");
  await expect(fetch(url)).rejects.toThrow();
  await events.next("error", "has computed for 0.1 s without a pause");
  const client = await Debugger.attach(`ws://${/127\.0\.0\.1:\d+/.exec(message)?.[0]}/fn`);
  await client.ask("Debugger.enable");
  const { pids } = functions;
  expect(await (await fetch(url)).text()).toMatch(/^computed -?\d+$/);
  expect(functions.pids).toEqual(pids);
  client.close();
});

describe("the inspector", () => {
  it("lists the functions as Node's does", async () => {
    const list = async (path: string) =>
      (await (await fetch(`http://${address}${path}`)).json()) as Record<string, unknown>[];
    expect(await list("/json/version")).toMatchObject({ "Protocol-Version": "1.3" });
    const [target] = await list("/json");
    expect(target).toMatchObject({ id: "fn", type: "node", webSocketDebuggerUrl: `ws://${address}/fn` });
    expect(await list("/json/list")).toEqual([target]);
    expect(running.functions.devtools).toContain(encodeURIComponent(`${address}/fn`));
  });

  it.each([
    ["a page of another site", { origin: "https://example.com" }],
    ["a page on this machine", { origin: "http://localhost:8787" }],
    ["a foreign name for this machine", { host: "rebound.example.com" }],
  ])("refuses %s", async (_, headers) => {
    await expect(Debugger.attach(`ws://${address}/fn`, { headers })).rejects.toThrow("403");
    const status = await new Promise((resolve) => {
      request(`http://${address}/json`, { headers }, (response) =>
        resolve(response.resume().statusCode),
      ).end();
    });
    expect(status).toBe(403);
  });

  it.each(["devtools://devtools", "https://devtools.devprod.cloudflare.dev", "vscode-file://vscode-app"])(
    "accepts %s",
    async (origin) => {
      (await Debugger.attach(`ws://${address}/ws`, { headers: { origin } })).close();
    },
  );

  it("says which port is in use", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
    });
    await expect(runFunctions([project.root], { inspectorPort: port })).rejects.toThrow(
      `Port ${port} for the inspector is in use.`,
    );
    other.close();
  });

  it("listens on the address of its own, or says that there is none", async () => {
    const options = { inspectorPort: 0, inspectorHost: "127.0.0.2" };
    const { events, close } = await runFunctions([project.root], options);
    const { message } = await events.next("log", "Debuggers attach");
    const [own] = /127\.0\.0\.2:\d+/.exec(message) ?? [];
    (await Debugger.attach(`ws://${own}/fn`)).close();
    const named = Debugger.attach(`ws://${own}/fn`, { headers: { host: "rebound.example.com" } });
    await expect(named).rejects.toThrow("403");
    await close();
    await expect(runFunctions([project.root], { ...options, inspectorHost: "192.0.2.1" })).rejects.toThrow(
      "192.0.2.1 is not an address of this machine, so no debugger could attach there.",
    );
  });

  it("is not there unless it is asked for, nor in serve", async () => {
    const served = await runFunctions([project.root], { mode: "serve", inspectorPort: 0 });
    expect(served.functions.devtools).toBeUndefined();
    await served.close();
    project.write({ "wrangler.json": '{"name":"fn","main":"src/index.ts"}' });
    const plain = await runFunctions([project.root]);
    expect(plain.functions.devtools).toBeUndefined();
    await plain.close();
  });
});
