import { describe, expect, it, test } from "vitest";
import { startFunction } from "../../harness/start-function.js";

/** The response of a function with this body. */
async function answer(body: string, init?: RequestInit, path = "/"): Promise<Response> {
  const { ask } = await startFunction(`module.exports = async (req, res) => { ${body} };`);
  return ask(path, init);
}

const type = (response: Response) => response.headers.get("Content-Type");

describe("res.send", () => {
  test.each([
    ["res.send('<b>ü</b>')", 200, "text/html; charset=utf-8", "<b>ü</b>"],
    ["res.type('txt').send('plain')", 200, "text/plain; charset=utf-8", "plain"],
    ["res.send({ a: 1 })", 200, "application/json; charset=utf-8", '{"a":1}'],
    ["res.type('html').send([1])", 200, "application/json; charset=utf-8", "[1]"],
    ["res.send(404)", 200, "text/plain; charset=utf-8", "404"],
    ["res.send(false)", 200, "text/plain; charset=utf-8", "false"],
    ["res.send(Buffer.from('bytes'))", 200, "application/octet-stream", "bytes"],
    ["res.type('png').send(new Uint8Array([104, 105]))", 200, "image/png", "hi"],
    ["res.status(201).send(null)", 201, null, ""],
    ["res.send()", 204, null, ""],
    ["res.status(202).send(undefined)", 202, null, ""],
    ["res.json(null)", 200, "application/json; charset=utf-8", "null"],
    ["res.type('html').json('text')", 200, "application/json; charset=utf-8", '"text"'],
    ["res.sendStatus(404)", 404, "text/plain; charset=utf-8", "Not Found"],
    ["res.sendStatus(599)", 599, "text/plain; charset=utf-8", "Unknown"],
    ["res.write('a'); res.write(Buffer.from('b')); res.end('c')", 200, null, "abc"],
    ["res.end('6869', 'hex')", 200, null, "hi"],
    ["res.statusCode = 418; res.end()", 418, null, ""],
    ["res.writeHead(203, { 'Content-Type': 'text/x' }); res.end('x')", 203, "text/x", "x"],
    ["", 204, null, ""],
    ["res.status(201)", 204, null, ""],
  ])("%s", async (code, status, contentType, text) => {
    const response = await answer(code);
    expect([response.status, type(response), await response.text()]).toEqual([status, contentType, text]);
  });
});

describe("headers", () => {
  it("are set one by one or many at once, appended, read and removed", async () => {
    const response = await answer(`
      res.set("X-One", 1).set({ "X-Two": "2", "X-None": undefined }).append("X-Two", "3").setHeader("X-Gone", "x");
      res.removeHeader("x-gone").append("Set-Cookie", ["a=1", "b=2"]).vary("Origin").vary("Accept");
      res.links({ next: "/2" }).json([res.get("x-two"), res.hasHeader("X-Gone"), res.getHeaderNames()]);`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-one": "1",
      "x-two": "2, 3",
      vary: "Origin, Accept",
      link: '</2>; rel="next"',
    });
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.json()).toEqual(["2, 3", false, ["x-one", "x-two", "set-cookie", "vary", "link"]]);
  });

  it("carry cookies with their attributes in order", async () => {
    const response = await answer(`
      res.cookie("a", "ü;=", { httpOnly: true, secure: true, sameSite: "lax", domain: "x.test", maxAge: 90_500 });
      res.cookie("j", { n: 1 }, { path: "/p", sameSite: true }).clearCookie("old").end();`);
    const [first, second, third] = response.headers.getSetCookie();
    expect(first).toMatch(
      /^a=%C3%BC%3B%3D; Path=\/; Domain=x\.test; Max-Age=90; Expires=[^;]+ GMT; HttpOnly; Secure; SameSite=lax$/,
    );
    expect(second).toBe("j=j%3A%7B%22n%22%3A1%7D; Path=/p; SameSite=Strict");
    expect(third).toMatch(/^old=; Path=\/; Max-Age=0; Expires=/);
  });

  it("refuse what would be another header", async () => {
    for (const code of ['res.cookie("a", "b", { path: "/; Secure" })', 'res.set("X", "a\\r\\nY: b").end()']) {
      expect((await answer(code)).status, code).toBe(500);
    }
  });
});

describe("redirects", () => {
  test.each([
    ['res.redirect("/next?a=1&b=<")', 302, "/next?a=1&b=<"],
    ['res.redirect(301, "https://x.test/ü")', 301, "https://x.test/%C3%BC"],
    ['res.redirect("back")', 302, "/from"],
  ])("%s", async (code, status, location) => {
    const response = await answer(code, { headers: { Referer: "/from" } });
    expect([response.status, response.headers.get("Location")]).toEqual([status, location]);
    expect(type(response)).toBe("text/html; charset=utf-8");
    const text = await response.text();
    expect(text).toContain("Redirecting to <a href=");
    expect(text).not.toContain("b=<");
  });
});

describe("files", () => {
  const files = {
    "fn.js": `module.exports = (req, res) => {
      if (req.path === "/send") return res.sendFile(__dirname + "/pages/a.html", { maxAge: 60_000, headers: { "X-A": "1" } });
      if (req.path === "/rooted") return res.sendFile(req.query.name, { root: "/app/pages" });
      if (req.path === "/download") return res.download("pages/a.html", "größe.html");
      if (req.path === "/callback") return res.sendFile("none", (error) => res.status(400).send(error.code));
      res.sendFile(req.query.name);
    };`,
    "pages/a.html": "<p>é</p>",
    ".env.local": "SECRET=1",
  };

  it("of the function's folder are sent with their type", async () => {
    const { ask } = await startFunction(files);
    const sent = await ask("/send");
    expect([sent.status, type(sent), await sent.text()]).toEqual([
      200,
      "text/html; charset=utf-8",
      "<p>é</p>",
    ]);
    expect(Object.fromEntries(sent.headers)).toMatchObject({
      "cache-control": "public, max-age=60",
      "x-a": "1",
    });
    expect(sent.headers.get("Last-Modified")).toMatch(/GMT$/);
    expect((await ask("/rooted?name=a.html")).status).toBe(200);
    const download = await ask("/download");
    expect(download.headers.get("Content-Disposition")).toBe(
      `attachment; filename="gr??e.html"; filename*=UTF-8''gr%C3%B6%C3%9Fe.html`.replace("gr??e", "gr??e"),
    );
    expect(await (await ask("/callback")).text()).toBe("ENOENT");
  });

  test.each([
    ["/x?name=none.txt", 404],
    ["/x?name=pages", 404],
    ["/x?name=.env.local", 404],
    ["/x?name=../../../../etc/passwd", 404],
    ["/rooted?name=../fn.js", 403],
  ])("%s is not sent", async (path, status) => {
    const { ask } = await startFunction(files);
    expect((await ask(path)).status).toBe(status);
  });
});

it("negotiates, wraps for JSONP, and passes on what fetch answered", async () => {
  const { ask, events } = await startFunction(`module.exports = async (req, res) => {
    if (req.path === "/format") return res.format({ json: () => res.json({ a: 1 }), html: () => res.send("<a>") });
    if (req.path === "/jsonp") return res.jsonp({ a: "\\u2028" });
    if (req.path === "/twice") { res.send("first"); res.send("second"); return; }
    if (req.path === "/render") return res.render("page");
    await res.pipeFrom(new Response("piped", { status: 203, headers: { "X-From": "f", "Content-Length": "5" } }));
  };`);
  expect(type(await ask("/format", { headers: { Accept: "text/html" } }))).toBe("text/html; charset=utf-8");
  expect(await (await ask("/format", { headers: { Accept: "application/json" } })).json()).toEqual({ a: 1 });
  expect((await ask("/format", { headers: { Accept: "image/png" } })).status).toBe(406);
  expect(await (await ask("/jsonp?callback=a.b<")).text()).toBe(
    `/**/ typeof a.b === 'function' && a.b({"a":"\\u2028"});`,
  );
  const piped = await ask("/pipe");
  expect([piped.status, piped.headers.get("X-From"), await piped.text()]).toEqual([203, "f", "piped"]);
  expect(await (await ask("/twice")).text()).toBe("first");
  await events.next("log", "sent already");
  expect((await ask("/render")).status).toBe(500);
});
