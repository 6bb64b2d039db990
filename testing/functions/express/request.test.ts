import { describe, expect, it, test } from "vitest";
import { startFunction } from "../../harness/start-function.js";

const echo = (expression: string) =>
  `module.exports = (req, res) => { res.json(${expression} ?? "undefined"); };`;

async function seen(expression: string, path = "/", init?: RequestInit): Promise<unknown> {
  const { ask } = await startFunction(echo(expression));
  return (await ask(path, init)).json();
}

describe("req", () => {
  it("has what the request line and the headers say", async () => {
    const what = await seen(
      `({ method: req.method, path: req.path, url: req.url, originalUrl: req.originalUrl, query: req.query, cookies: req.cookies,
          xhr: req.xhr, ip: req.ip, secure: req.secure, host: req.hostname, baseUrl: req.baseUrl, params: req.params,
          referrer: req.get("Referrer"), type: req.header("content-type"), none: req.get("x-none") ?? null, body: req.body })`,
      "/a/b?x=1&y[z]=2&l=a&l=b",
      {
        method: "DELETE",
        headers: {
          Cookie: 'a=1; b="q%20q"; a=2; odd; bad=%zz',
          "X-Requested-With": "xmlhttprequest",
          Referer: "/from",
        },
      },
    );
    expect(what).toEqual({
      method: "DELETE",
      path: "/a/b",
      url: "/a/b?x=1&y[z]=2&l=a&l=b",
      originalUrl: "/a/b?x=1&y[z]=2&l=a&l=b",
      query: { x: "1", y: { z: "2" }, l: ["a", "b"] },
      cookies: { a: "2", b: "q q", bad: "%zz" },
      xhr: true,
      ip: "127.0.0.1",
      secure: false,
      host: "127.0.0.1",
      baseUrl: "",
      params: {},
      referrer: "/from",
      none: null,
      body: {},
    });
  });

  it("has a forwarded address as its ip, and that of the connection in a header that no client can set", async () => {
    const headers = { "X-Forwarded-For": "203.0.113.7, 10.0.0.1", "CF-Connecting-IP": "6.6.6.6" };
    const what = `[req.ip, req.ips, req.get("CF-Connecting-IP")]`;
    expect(await seen(what)).toEqual(["127.0.0.1", [], "127.0.0.1"]);
    expect(await seen(what, "/", { headers })).toEqual([
      "203.0.113.7",
      ["203.0.113.7", "10.0.0.1"],
      "127.0.0.1",
    ]);
  });

  it("negotiates types, languages and ranges", async () => {
    const what = await seen(
      `[req.accepts("html", "json"), req.accepts(["png"]), req.accepts("application/json"), req.acceptsLanguages("de", "en"),
        req.range(100), req.is("json"), req.is("text/*", "html"), req.is("png")]`,
      "/",
      {
        method: "POST",
        body: "x",
        headers: {
          Accept: "application/json, text/html;q=0.5",
          "Accept-Language": "en",
          Range: "bytes=0-9",
          "Content-Type": "text/html; charset=utf-8",
        },
      },
    );
    expect(what).toEqual([
      "json",
      false,
      "application/json",
      "en",
      [{ start: 0, end: 9 }],
      false,
      "text/html",
      false,
    ]);
  });

  it("looks a name up in params, query and body", async () => {
    const what = await seen(`[req.param("a"), req.param("b"), req.param("c", 3), req.is("json")]`, "/?a=1", {
      method: "POST",
      body: '{"a":9,"b":2}',
      headers: { "Content-Type": "application/json" },
    });
    expect(what).toEqual(["1", 2, 3, "application/json"]);
  });
});

describe("req.body", () => {
  test.each([
    ["application/json", '{"a":[1]}', { a: [1] }],
    ["application/vnd.api+json; charset=utf-8", "[1]", [1]],
    ["application/json", "", {}],
    [
      "application/x-www-form-urlencoded",
      "a=1&b[c]=2&d[]=3&d[]=4&e=%C3%BC+x",
      { a: "1", b: { c: "2" }, d: ["3", "4"], e: "ü x" },
    ],
    ["text/plain", "tëxt", "tëxt"],
    ["text/html", "<p>", "<p>"],
    ["application/octet-stream", "bytes", {}],
    ["multipart/form-data; boundary=x", "--x--", {}],
  ])("of %s", async (contentType, body, expected) => {
    expect(
      await seen("req.body", "/", { method: "POST", body, headers: { "Content-Type": contentType } }),
    ).toEqual(expected);
  });

  test.each([
    ['{"a":', 400],
    ['"text"', 400],
    [`"${"x".repeat(10_485_761)}"`, 413],
  ])("that is no JSON object is refused before the function runs: %.10s", async (body, status) => {
    const { ask } = await startFunction(echo("req.body"));
    const response = await ask("/", {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ success: false, message: expect.any(String) });
  });
});
