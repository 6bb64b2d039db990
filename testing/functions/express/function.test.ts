import { FakeClock } from "@kvasir/store";
import { describe, expect, it, test } from "vitest";
import { startFunction } from "../../harness/start-function.js";

describe("an Express-style function", () => {
  test.each([
    ["module.exports = async (req, res) => { res.send('ok'); };"],
    ["module.exports = function (req, res, next) { res.send('ok'); };"],
    ["export default (req, res) => { res.send('ok'); };"],
    ["function main(req, res) { res.send('ok'); }\nexport { main as default };"],
    ["exports.handler = (req, res) => { res.send('ok'); };"],
    ["module.exports = { handler: async (req, res) => res.send('ok') };"],
    [
      "const routes = new Router();\nroutes.get('/', (req, res) => res.send('ok'));\nmodule.exports = routes;",
    ],
    [
      "const { sep } = require('path'); const a = require('./a'); module.exports = (req, res) => res.send(a + sep === 'a/' && 'ok');",
    ],
    ["export default new Router().get('/', (req, res) => res.send('ok'));"],
  ])("runs, written so: %s", async (code) => {
    const { text } = await startFunction({ "fn.js": code, "a.js": "module.exports = 'a';" });
    expect(await text()).toBe("ok");
  });

  it("is CommonJS also where the package says module", async () => {
    const { text } = await startFunction({
      "package.json": '{"type":"module"}',
      "fn.js":
        "const { extname } = require('node:path'); module.exports = (req, res) => res.send(extname('a.b'));",
    });
    expect(await text()).toBe(".b");
  });

  it("answers as soon as it has ended the response, and goes on to its end", async () => {
    const { ask, events } = await startFunction(`module.exports = async (req, res) => {
      res.send("answered");
      await fetch(req.query.gate, { method: "POST" });
      console.log("went on");
    };`);
    // The second request releases the first. It could not be sent if the first response waited.
    const { createServer } = await import("node:http");
    let open = () => {};
    const gate = createServer((_request, response) => {
      open = () => response.end();
      arrived();
    });
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
    const { port } = gate.address() as { port: number };
    try {
      expect(await (await ask(`/?gate=http://127.0.0.1:${port}/`)).text()).toBe("answered");
      await arrival;
      expect(events.all.some((event) => JSON.stringify(event).includes("went on"))).toBe(false);
      open();
      await events.next("log", "went on");
    } finally {
      gate.close();
    }
  });

  it("that throws answers 500 without the reason, shows its stack in the terminal, and answers the next request", async () => {
    const { ask, events } = await startFunction(
      "module.exports = async (req, res) => {\n  if (req.path === '/ok') return res.send('ok');\n  res.set('X-Half', '1').write('half');\n  throw new Error('secret reason');\n};",
    );
    const response = await ask("/");
    expect([response.status, response.headers.get("X-Half")]).toEqual([500, null]);
    expect(await response.json()).toEqual({ success: false, message: "Execution failed" });
    const { message, stack } = await events.next("error", "secret reason");
    expect(message).toBe("Error: secret reason");
    expect(stack).toMatch(/fn\.js:4:9/);
    expect(await (await ask("/ok")).text()).toBe("ok");
  });

  it("that does not answer in time answers 500, and says so in the terminal", async () => {
    const { ask, events } = await startFunction("module.exports = () => new Promise(() => {});", {
      requestTimeoutMs: 50,
    });
    const answer = await ask();
    expect(answer.status).toBe(500);
    expect(await answer.json()).toEqual({ success: false, message: "Execution failed" });
    await events.next("error", "Function execution timeout (50ms)");
  });

  it("that calls next with an error answers 500", async () => {
    const { ask } = await startFunction(
      "module.exports = (req, res, next) => { next(); next(new Error('e')); };",
    );
    expect(await (await ask("/")).json()).toEqual({ success: false, message: "Internal Server Error" });
  });

  it("has the globals of Invoke", async () => {
    const { text } = await startFunction(`module.exports = async (req, res) => {
      await sleep(1);
      res.json([typeof kv.get, crypto.randomUUID().length, typeof Router, typeof Buffer, __dirname, typeof module, typeof exports]);
    };`);
    expect(JSON.parse(await text())).toEqual([
      "function",
      36,
      "function",
      "function",
      "/app",
      "object",
      "object",
    ]);
  });
});

describe("a Router", () => {
  it("takes parameters, wildcards, prefixes, middleware and errors", async () => {
    const { ask, text } = await startFunction(`
      const api = new Router();
      api.get("/users/:id", (req, res) => res.json([req.params, req.path, req.baseUrl, req.url, req.seen]));
      const app = new Router();
      app.use((req, res, next) => { req.seen = true; next(); });
      app.use("/api", api);
      app.get("/files/*", (req, res) => res.json(req.params));
      app.post("/a", (req, res, next) => next(), (req, res) => res.send("second"));
      app.all("/fail", async () => { throw new Error("x"); });
      module.exports = app;`);
    expect(JSON.parse(await text("/api/users/a%20b?q=1"))).toEqual([
      { id: "a b" },
      "/users/a%20b",
      "/api",
      "/users/a%20b?q=1",
      true,
    ]);
    expect(JSON.parse(await text("/files/a/b.txt"))).toEqual({ 0: "a/b.txt" });
    expect(await (await ask("/a", { method: "POST" })).text()).toBe("second");
    expect((await ask("/fail")).status).toBe(500);
    for (const path of ["/none", "/api/none"]) {
      const missing = await ask(path);
      expect([missing.status, await missing.text()]).toEqual([404, `Cannot GET ${path}`]);
    }
  });
});

describe("kv", () => {
  const program = `module.exports = async (req, res) => {
    const { op, key, ttl } = req.query;
    try {
      if (op === "set") return res.json(await kv.set(key, req.body, ttl && Number(ttl)));
      if (op === "undefined") return res.json(await kv.set(key, undefined));
      res.json((await kv[op](key)) ?? null);
    } catch (error) { res.status(500).json(error.message); }
  };`;
  const put = (body: string) => ({ method: "POST", body, headers: { "Content-Type": "application/json" } });

  it("keeps JSON under any key, and says what was there", async () => {
    const { ask, text } = await startFunction(program);
    const key = encodeURIComponent("a:b/c ü");
    expect(await text(`/?op=get&key=${key}`)).toBe("null");
    expect(await (await ask(`/?op=set&key=${key}`, put('{"a":[1,null,"ü"]}'))).text()).toBe("true");
    expect(await text(`/?op=get&key=${key}`)).toBe('{"a":[1,null,"ü"]}');
    expect([await text(`/?op=has&key=${key}`), await text("/?op=has&key=other")]).toEqual(["true", "false"]);
    expect([await text(`/?op=delete&key=${key}`), await text(`/?op=delete&key=${key}`)]).toEqual([
      "true",
      "false",
    ]);
    await ask("/?op=set&key=x", put("[1]"));
    expect(await text("/?op=clear")).toBe("null");
    expect(await text("/?op=has&key=x")).toBe("false");
    expect(await text("/?op=undefined&key=x")).toMatch(/KV set error: undefined is no JSON value/);
    expect(await text("/?op=get&key=..")).toMatch(/KV get error: /);
    expect(await (await ask("/?op=set&key=x&ttl=-1", put("[1]"))).json()).toMatch(
      /^KV set error: a time to live/,
    );
  });

  it("counts times to live in seconds, below Workers KV's minimum too", async () => {
    const clock = new FakeClock();
    const { ask, text } = await startFunction(program, { clock });
    await ask("/?op=set&key=x&ttl=10", put("[1]"));
    clock.advance(9_999);
    expect(await text("/?op=get&key=x")).toBe("[1]");
    clock.advance(1);
    expect(await text("/?op=get&key=x")).toBe("null");
  });

  it("counts them in milliseconds where the manifest says so, rounded up to seconds", async () => {
    const clock = new FakeClock();
    const manifest = '[edge_compute]\nfunc_name = "ms"\n[storage.kv.KV]\nttl_unit = "ms"\n';
    const { ask, text } = await startFunction(
      { "index.js": program, "func.toml": manifest },
      { clock, paths: ["func.toml"] },
    );
    await ask("/?op=set&key=x&ttl=1500", put("[1]"));
    clock.advance(1_999);
    expect(await text("/?op=get&key=x")).toBe("[1]");
    clock.advance(1);
    expect(await text("/?op=get&key=x")).toBe("null");
  });

  it("is each function's own, and so is everything else that it keeps", async () => {
    const code = (name: string) => `globalThis.count = (globalThis.count ?? 0) + 1;
      module.exports = async (req, res) => {
        if (req.method === "POST") { globalThis.mark = "${name}"; await kv.set("mark", "${name}"); }
        res.json([await kv.get("mark"), globalThis.mark ?? null, process.env.KV_KV_ID]);
      };`;
    const { ask } = await startFunction(
      { "one.js": code("one"), "two.js": code("two") },
      { paths: ["one.js", "two.js"] },
    );
    await ask("/one/", { method: "POST" });
    const [one = [], two = []] = await Promise.all(
      ["/one/", "/two/"].map(async (path) => (await ask(path)).json() as Promise<unknown[]>),
    );
    expect([one[0], one[1], two[0], two[1]]).toEqual(["one", "one", null, null]);
    expect(one[2]).not.toBe(two[2]);
  });
});
