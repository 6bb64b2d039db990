import { existsSync } from "node:fs";
import { get } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Running, type RunOptions, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

const CONFIG = {
  name: "objects",
  main: "objects.js",
  compatibility_date: "2026-01-01",
  kv_namespaces: [{ binding: "KV" }],
  durable_objects: { bindings: [{ name: "COUNTER", class_name: "Counter" }] },
  migrations: [{ tag: "v1", new_sqlite_classes: ["Counter"] }],
};

const CODE = `
import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS counts (n INTEGER)");
    });
  }
  async increment() {
    this.ctx.storage.sql.exec("INSERT INTO counts VALUES (1)");
    return this.count();
  }
  count() { return this.ctx.storage.sql.exec("SELECT count(*) AS n FROM counts").one().n; }
  async keep(key, value) { await this.ctx.storage.put(key, value); return await this.ctx.storage.get(key); }
  async viaKv(value) { await this.env.KV.put("from-object", value); return await this.env.KV.get("from-object"); }
  async wake() { await this.ctx.storage.setAlarm(Date.now() + 1); }
  async alarm() { await this.env.KV.put("alarm", "rang"); console.log("the alarm rang"); }
  boom() { throw new TypeError("thrown by a method"); }
  fetch(request) {
    if (request.headers.get("Upgrade") !== "websocket") throw new Error("thrown by fetch");
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(socket, message) { socket.send("echo " + message); }
}
export default { async fetch(request, env) {
  const [, call, argument = "", key = ""] = new URL(request.url).pathname.split("/");
  const stub = env.COUNTER.getByName("one");
  if (call === "socket") return stub.fetch(request);
  if (call === "unique") return new Response(String((await env.COUNTER.get(env.COUNTER.newUniqueId()).count())));
  try {
    const value = call === "fetch" ? await stub.fetch("http://x/") : await stub[call](argument, key);
    return new Response("v1 " + String(value));
  } catch (error) { return new Response(error.name + ": " + error.message); }
} };`;

const files = (config: object = CONFIG) => ({
  "wrangler.json": JSON.stringify(config),
  "objects.js": CODE,
});

const start = (project: Project, options: RunOptions = {}) =>
  runFunctions([project.root], { objectsFolder: `${project.root}/data/durable-objects`, ...options });

/** Sends one short text over a WebSocket, and resolves with the text of the first frame that comes back. */
function echoed(url: string, text: string): Promise<string> {
  const headers = {
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": Buffer.alloc(16).toString("base64"),
  };
  return new Promise((resolve, reject) => {
    const asked = get(url, { headers, agent: false });
    asked.on("error", reject);
    asked.on("response", ({ statusCode }) => reject(new Error(`no upgrade, but status ${statusCode}`)));
    asked.on("upgrade", (_response, socket) => {
      socket.on("error", reject);
      socket.once("data", (frame: Buffer) => {
        resolve(frame.subarray(2, 2 + (frame[1] as number)).toString());
        socket.destroy();
      });
      // A final text frame with a mask of zeros.
      socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]));
    });
  });
}

describe("Durable Objects", () => {
  let project: Project;
  let running: Running;
  beforeAll(async () => {
    project = new Project(files());
    running = await start(project);
  });
  afterAll(async () => {
    await running.close();
    project.remove();
  });

  it("have methods, SQL, the key-value storage, ids of several kinds and the Worker's bindings", async () => {
    expect(await running.text("/increment")).toBe("v1 1");
    expect(await running.text("/increment")).toBe("v1 2");
    expect(await running.text("/keep/a/b")).toBe("v1 b");
    expect(await running.text("/unique")).toBe("0");
    expect(await running.text("/viaKv/value")).toBe("v1 value");
  });

  it("throw to their callers, and what workerd calls is reported with its place in the source", async () => {
    expect(await running.text("/boom")).toBe("TypeError: thrown by a method");
    expect(await running.text("/fetch")).toBe("Error: thrown by fetch");
    const { function: name, stack } = await running.events.next("error", /"message":"[^"]*thrown by fetch/);
    expect(name).toBe("objects");
    expect(stack).toContain("objects.js:21:63");
  });

  it("have alarms", async () => {
    await running.text("/wake");
    expect(await running.events.next("log", "the alarm rang")).toMatchObject({ function: "objects" });
  });

  it("have WebSockets that can hibernate", async () => {
    expect(await echoed(`${running.functions.url}/socket`, "hello")).toBe("echo hello");
  });

  it("lose no increment while edits replace their code under load", async () => {
    const before = Number((await running.text("/count")).split(" ")[1]);
    let sent = 0;
    let ends = false;
    const client = async () => {
      while (!ends) {
        sent++;
        const text = await running.text("/increment");
        if (!/^v\d+ \d+$/.test(text)) throw new Error(`unexpected response: ${text}`);
      }
    };
    const clients = [client(), client(), client()];
    for (const version of ["v2", "v3", "v4"]) {
      project.write({ "objects.js": CODE.replace('"v1 "', `"${version} "`) });
      await running.events.next("log", "reloaded");
      expect(await running.text("/count")).toMatch(new RegExp(`^${version} `));
    }
    ends = true;
    await Promise.all(clients);
    expect(Number((await running.text("/count")).split(" ")[1])).toBe(before + sent);
  });

  it("go on with their last good version after an edit that does not start", async () => {
    const before = await running.text("/increment");
    project.write({ "objects.js": `throw new Error("at load");\n${CODE}` });
    await running.events.next("error", "at load");
    expect(await running.text("/count")).toBe(before);
    project.write({ "objects.js": CODE.replace("export class", "class") });
    const { message } = await running.events.next("error", "does not export");
    expect(message).toContain("objects.js does not export the Durable Object class Counter");
    expect(await running.text("/count")).toBe(before);
    project.write({ "objects.js": CODE });
    await running.events.next("log", "reloaded");
  });

  it("keep their data across restarts, a kill and a new name of their class", async () => {
    const before = await running.text("/increment");
    await running.close();
    running = await start(project);
    expect(await running.text("/count")).toBe(before);
    const after = Number((await running.text("/increment")).split(" ")[1]);
    for (const pid of running.functions.pids) process.kill(pid, "SIGKILL");
    await running.events.next("error", "starting it again");
    expect(await running.text("/count")).toBe(`v1 ${after}`);
    await running.close();
    const [first] = CONFIG.migrations;
    project.write({
      ...files({
        ...CONFIG,
        durable_objects: { bindings: [{ name: "COUNTER", class_name: "Renamed" }] },
        migrations: [first, { tag: "v2", renamed_classes: [{ from: "Counter", to: "Renamed" }] }],
      }),
      "objects.js": CODE.replace("class Counter", "class Renamed"),
    });
    running = await start(project);
    expect(await running.text("/count")).toBe(`v1 ${after}`);
    expect(existsSync(`${project.root}/data/durable-objects/objects-Counter`)).toBe(true);
  });

  it("run in one workerd, whatever the number of processes, and it accepts from all sockets", async () => {
    await running.close();
    running = await start(project, { mode: "serve", processes: 3 });
    expect(running.functions.pids).toHaveLength(1);
    expect(await running.events.next("log", "must be in one process")).toMatchObject({ level: "info" });
    const counts = await Promise.all(Array.from({ length: 12 }, () => running.text("/increment")));
    expect(new Set(counts).size).toBe(12);
  });
});

it("of another Worker are reached by script_name", async () => {
  const project = new Project({
    "owner/wrangler.json": JSON.stringify(CONFIG),
    "owner/objects.js": CODE,
    "user/wrangler.json": JSON.stringify({
      name: "user",
      main: "user.js",
      compatibility_date: "2026-01-01",
      durable_objects: {
        bindings: [
          { name: "COUNTER", class_name: "Counter", script_name: "objects" },
          { name: "LOST", class_name: "Counter", script_name: "nowhere" },
        ],
      },
    }),
    "user/user.js": `export default { async fetch(request, env) {
      const lost = env.LOST.getByName("a");
      const failed = await lost.increment().catch((error) => error.message);
      const { status } = await lost.fetch("http://x/");
      return new Response([await env.COUNTER.getByName("one").increment(), failed, status].join(" | "));
    } };`,
  });
  const running = await runFunctions([`${project.root}/user`, `${project.root}/owner`]);
  try {
    await running.text("/objects/increment");
    expect(await running.text("/user/")).toBe(
      '2 | Worker "nowhere" not found. Make sure it is running locally. | 503',
    );
  } finally {
    await running.close();
    project.remove();
  }
});

it("whose class no migration names have no SQL, and a warning says so", async () => {
  const { migrations: _migrations, ...config } = CONFIG;
  const project = new Project(files(config));
  const running = await start(project);
  try {
    expect(await running.events.next("log", "no migration names")).toMatchObject({ level: "warn" });
  } finally {
    await running.close();
    project.remove();
  }
});
