import { symlinkSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { NODE_MODULES } from "../../harness/checkout.js";
import { type Running, runFunctions } from "../../harness/functions.js";
import { Project } from "../../harness/project.js";

// What a user's project may contain, from source through esbuild to workerd.

let project: Project;
let running: Running | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
  project.remove();
});

// (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
const ADD_WASM = Uint8Array.from(
  "0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b".match(/../g) ?? [],
  (byte) => Number.parseInt(byte, 16),
);

async function answer(files: Record<string, string | Uint8Array>, path = "/"): Promise<string> {
  project = new Project(files);
  running = await runFunctions([project.root]);
  return running.text(path);
}

describe("a function", () => {
  it("is TypeScript with bindings, vars and local variables of any JSON type", async () => {
    const body = await answer({
      "wrangler.jsonc":
        '{"name":"a","main":"src/a.ts","vars":{"TEXT":"t","DATA":{"n":[1,null,"ü\\n\\"\\\\"]}}}',
      ".dev.vars": 'SECRET="s3cret"\nTEXT=local',
      "src/a.ts": `interface Env { TEXT: string; DATA: unknown; SECRET: string }
        export default { fetch: (_: Request, env: Env) => Response.json(env) } satisfies ExportedHandler;
        interface ExportedHandler { fetch(request: Request, env: Env): Response }`,
    });
    expect(JSON.parse(body)).toEqual({ TEXT: "local", DATA: { n: [1, null, 'ü\n"\\'] }, SECRET: "s3cret" });
  });

  it("is a Hono app from node_modules, reading and writing its namespace", async () => {
    project = new Project({
      "wrangler.toml": 'name = "app"\nmain = "app.ts"\n[[kv_namespaces]]\nbinding = "KV"\nid = "items"\n',
      "app.ts": `import { Hono } from "hono";
        const app = new Hono<{ Bindings: { KV: any } }>();
        app.put("/:key", async (c) => { await c.env.KV.put(c.req.param("key"), await c.req.text()); return c.text("ok"); });
        app.get("/:key", async (c) => c.text((await c.env.KV.get(c.req.param("key"))) ?? "none"));
        export default app;`,
    });
    symlinkSync(NODE_MODULES, join(project.root, "node_modules"));
    running = await runFunctions([project.root]);
    expect(await running.text("/x")).toBe("none");
    await fetch(`${running.functions.url}/x`, { method: "PUT", body: "stored" });
    expect(await running.text("/x")).toBe("stored");
    expect(await running.database.namespaceById("items").get("x")).toBe("stored");
  });

  it("imports text, data and wasm, by the default rules and by its own", async () => {
    const body = await answer({
      "wrangler.json": '{"main":"a.js","rules":[{"type":"Text","globs":["**/*.md"],"fallthrough":true}]}',
      "a.js": `import page from "./sub/page.html"; import notes from "./notes.md"; import data from "./data.bin";
        import add from "./add.wasm"; import same from "./add.wasm?module"; import json from "./j.json";
        const { exports } = new WebAssembly.Instance(add);
        export default { fetch: () => Response.json([page, notes, [...new Uint8Array(data)], exports.add(2, 3), same === add, json]) };`,
      "sub/page.html": "<p>é</p>",
      "notes.md": "# notes",
      "data.bin": Uint8Array.of(0, 255, 10),
      "add.wasm": ADD_WASM,
      "j.json": '{"j":1}',
    });
    expect(JSON.parse(body)).toEqual(["<p>é</p>", "# notes", [0, 255, 10], 5, true, { j: 1 }]);
  });

  it("has Node's modules with nodejs_compat, with and without the prefix, imported and required", async () => {
    const body = await answer({
      "wrangler.json":
        '{"main":"a.js","compatibility_date":"2026-01-01","compatibility_flags":["nodejs_compat"]}',
      "a.js": `import { Buffer } from "node:buffer"; import { createHash } from "crypto"; import path from "./c.cjs";
        export default { fetch: () => Response.json([Buffer.from("a").toString("hex"), createHash("md5").update("").digest("hex"), path]) };`,
      "c.cjs": `const path = require("path"); module.exports = path.join("a", "..", "b");`,
    });
    expect(JSON.parse(body)).toEqual(["61", "d41d8cd98f00b204e9800998ecf8427e", "b"]);
  });

  it("is told, at the import, that it has no Node modules without the flag", async () => {
    const body = await answer({
      "wrangler.json": '{"main":"a.js","compatibility_date":"2026-01-01"}',
      "a.js": `\nimport fs from "node:fs";\nexport default { fetch: () => new Response(typeof fs) };`,
    });
    expect(body).toMatch(/a\.js:2:\d+: "node:fs" is a Node module/);
    expect(body).toContain('Add "nodejs_compat" to compatibility_flags');
  });

  it("may be a WorkerEntrypoint class with named exports beside it", async () => {
    const body = await answer({
      "wrangler.json": '{"main":"a.js"}',
      "a.js": `import { WorkerEntrypoint } from "cloudflare:workers";
        export class Other extends WorkerEntrypoint { hello() { return "hello"; } }
        export default class extends WorkerEntrypoint {
          async fetch(request) { return new Response(request.method + " " + (await this.ctx.exports.Other.hello())); }
        }`,
    });
    expect(body).toBe("GET hello");
  });

  it("may be in service-worker syntax, its bindings global", async () => {
    const body = await answer({
      "wrangler.json": '{"main":"a.js","vars":{"WHO":"world"}}',
      "a.js": `addEventListener("fetch", (event) => event.respondWith(new Response("hello " + WHO)));`,
    });
    expect(body).toBe("hello world");
  });

  it("keeps its object as this, and its prototype's methods", async () => {
    const body = await answer({
      "wrangler.json": '{"main":"a.js"}',
      "a.js": `class App { #secret = "private"; fetch() { return new Response(this.#secret); } }
        export default new App();`,
    });
    expect(body).toBe("private");
  });

  it("is told that it exports nothing to run", async () => {
    expect(await answer({ "wrangler.json": '{"main":"a.js"}', "a.js": "export const x = 1;" })).toContain(
      "exports no function that Kvasir can run: write `export default { fetch(",
    );
  });

  it("streams, and speaks WebSocket", async () => {
    await answer({
      "wrangler.json": '{"main":"a.js"}',
      "a.js": `export default { fetch(request) {
        if (request.headers.get("Upgrade") === "websocket") {
          const [client, server] = Object.values(new WebSocketPair());
          server.accept();
          server.send("hello");
          return new Response(null, { status: 101, webSocket: client });
        }
        return new Response(request.body);
      } };`,
    });
    const { url } = (running as Running).functions;
    const streamed = await fetch(url, {
      method: "POST",
      body: new Blob(["a".repeat(300_000)]).stream(),
      duplex: "half",
    } as RequestInit);
    expect((await streamed.text()).length).toBe(300_000);
    const frame = await new Promise<Buffer>((resolve, reject) => {
      const upgrade = request(url, {
        headers: {
          Connection: "Upgrade",
          Upgrade: "websocket",
          "Sec-WebSocket-Version": "13",
          "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
      });
      upgrade.on("upgrade", (_response, socket, head) => {
        if (head.length > 0) resolve(head);
        else socket.once("data", resolve);
        socket.once("data", () => socket.destroy());
      });
      upgrade.on("error", reject);
      upgrade.end();
    });
    // One unmasked text frame of five bytes.
    expect(frame.subarray(0, 7)).toEqual(Buffer.from("\x81\x05hello", "latin1"));
  });
});
