import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { startFunction } from "../../harness/start-function.js";

const PAGE = (version: string) => `export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Length": "9" };
    if (pathname === "/throw") throw new Error("thrown");
    if (pathname === "/json") return Response.json({ html: "<p>no</p>" });
    if (pathname === "/encoded") {
      const body = new Blob(["<p>hi</p>"]).stream().pipeThrough(new CompressionStream("gzip"));
      return new Response(body, { headers: { ...headers, "Content-Encoding": "gzip" }, encodeBody: "manual" });
    }
    return new Response("<p>${version}</p>", { headers });
  },
};`;
const SCRIPT = /<script>([\s\S]*WebSocket[\s\S]*)<\/script>\n$/;

/** Runs the script of a page, as a browser would. */
function openPage(html: string, url: string): { readonly reloaded: Promise<void>; close(): void } {
  const sockets: WebSocket[] = [];
  let reload = () => {};
  const reloaded = new Promise<void>((resolve) => {
    reload = resolve;
  });
  class Opened extends WebSocket {
    constructor(address: string, protocol: string) {
      super(address, protocol);
      sockets.push(this);
    }
  }
  const location = { origin: new URL(url).origin, reload: () => reload() };
  runInNewContext(SCRIPT.exec(html)?.[1] ?? "throw 'no script'", {
    location,
    WebSocket: Opened,
    setTimeout: () => {},
  });
  return {
    reloaded,
    close() {
      for (const socket of sockets) socket.close();
    },
  };
}

it("a page reloads after an edit of the Worker or of its assets, and sees what was saved", async () => {
  const { url, ask, functions, events, project } = await startFunction(
    {
      "wrangler.json": '{"name":"fn","main":"w.js","assets":{"directory":"public"}}',
      "w.js": PAGE("a"),
      "public/asset.html": "<h1>one</h1>",
    },
    { paths: [""], liveReload: true },
  );
  const textOf = async (path: string) => await (await ask(path)).text();
  expect(await textOf("/")).toMatch(/^<p>a<\/p>/);
  for (const [name, content, path] of [
    ["w.js", PAGE("b"), "/"],
    ["public/asset.html", "<h1>two</h1>", "/asset"],
    ["public/new.html", "<h1>new</h1>", "/new"],
  ] as const) {
    const page = openPage(await textOf("/"), url);
    project.write({ [name]: content });
    await page.reloaded;
    expect(await textOf(path)).toContain(content === PAGE("b") ? "<p>b</p>" : content);
  }
  // A page that waits does not hold up the end.
  openPage(await textOf("/"), url);
  await functions.close();
  expect(events.all).not.toContainEqual(
    expect.objectContaining({ message: expect.stringContaining("cut off") }),
  );
});

it("only HTML that can be read gets the script, and loses its length", async () => {
  const { ask } = await startFunction(PAGE("a"), { liveReload: true });
  const html = await ask("/");
  expect(html.headers.has("Content-Length")).toBe(false);
  expect(await html.text()).toMatch(SCRIPT);
  const failed = await ask("/throw", { headers: { Accept: "text/html" } });
  expect(failed.status).toBe(500);
  expect(await failed.text()).toMatch(SCRIPT);
  const head = await ask("/", { method: "HEAD" });
  expect(head.headers.get("Content-Length")).toBe("9");
  expect(await (await ask("/json")).text()).toBe('{"html":"<p>no</p>"}');
  expect(await (await ask("/encoded")).text()).toBe("<p>hi</p>");
  expect((await ask("/cdn-cgi/live-reload")).status).toBe(200);
});

it("pages of several Workers reload after an edit of one of them", async () => {
  const { url, ask, project } = await startFunction(
    { "a.js": PAGE("a"), "b.js": PAGE("b") },
    { paths: ["a.js", "b.js"], liveReload: true },
  );
  const page = openPage(await (await ask("/a/")).text(), url);
  project.write({ "b.js": PAGE("c") });
  await page.reloaded;
  expect(await (await ask("/b/")).text()).toMatch(/^<p>c<\/p>/);
  page.close();
});

it("without the flag pages stay as they are", async () => {
  const { ask } = await startFunction(PAGE("a"));
  expect(await (await ask("/")).text()).toBe("<p>a</p>");
});
